import ClseqBase

/// The mean distance of Levenshtein between a generated sequence and the true one: insertions, deletions and replacements
/// over the length of the longer one. 0 where all sequences are equal, 1 where no item of them is.
///
/// Source: Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals" (1966).
public struct EditDistance: SequenceMetric {
  /// `edit distance`.
  public static let name = "edit distance"

  /// The metric, which has no settings.
  public init() {}

  /// The figure of some sequences; nil without any.
  public func value(generated: [[Int32]], truths: [[Int32]]) -> Double? {
    Self.requireEqualCounts(["generated sequences": generated.count, "true ones": truths.count])
    guard !truths.isEmpty else { return nil }
    let sum = zip(generated, truths).reduce(0.0) { sum, pair in
      sum + Double(editDistance(pair.0, pair.1)) / Double(max(1, pair.0.count, pair.1.count))
    }
    return sum / Double(truths.count)
  }
}
