#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// BLEU-n over all sequences: the geometric mean of the shares of generated runs of 1 … n items that are in the true
/// sequence, each true run counted once, times a penalty where less was generated than is true.
///
/// It is not smoothed: 0 where no run of one of the lengths is right, or there is none.
///
/// Source: Papineni et al., "BLEU: a method for automatic evaluation of machine translation" (ACL 2002).
public struct BLEU: SequenceMetric {
  /// `BLEU`.
  public static let name = "BLEU"
  /// n.
  public let longest: Int

  /// BLEU-4.
  public init() { self.init(upTo: 4) }

  /// BLEU of runs of up to so many items, at least 1.
  public init(upTo longest: Int) {
    precondition(longest >= 1, "BLEU: runs of \(longest) items")
    self.longest = longest
  }

  /// `BLEU-4`.
  public var title: String { "\(Self.name)-\(longest)" }

  /// The figure of some sequences; nil without any.
  public func value(generated: [[Int32]], truths: [[Int32]]) -> Double? {
    Self.requireEqualCounts(["generated sequences": generated.count, "true ones": truths.count])
    guard !truths.isEmpty else { return nil }
    var sum = 0.0
    for length in 1...longest {
      var (right, all) = (0, 0)
      for (said, truth) in zip(generated, truths) {
        let (runs, known) = (Self.runs(of: length, in: said), Self.runs(of: length, in: truth))
        all += runs.values.reduce(0, +)
        right += runs.reduce(0) { $0 + min($1.value, known[$1.key] ?? 0) }
      }
      if right == 0 { return 0 }
      sum += log(Double(right) / Double(all))
    }
    let (said, truth) = (count(generated), count(truths))
    return exp(sum / Double(longest) + min(0, 1 - truth / said))
  }

  private func count(_ sequences: [[Int32]]) -> Double {
    Double(sequences.reduce(0) { $0 + $1.count })
  }

  /// How often each run of a length occurs.
  private static func runs(of length: Int, in items: [Int32]) -> [ArraySlice<Int32>: Int] {
    guard items.count >= length else { return [:] }
    return (0...items.count - length).reduce(into: [:]) {
      $0[items[$1..<$1 + length], default: 0] += 1
    }
  }
}
