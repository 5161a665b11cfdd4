/// The share of pairs of durations whose order a prediction tells: of two subjects, the one that ended
/// first was predicted to end first. Durations that are censored were longer than what was seen of
/// them, and make a pair only with those that ended before.
///
/// Source: Harrell, Lee, Mark, "Multivariable prognostic models" (Statistics in Medicine 1996),
/// section 5.5. Equal predictions count one half. Time O(n log n).
public struct ConcordanceIndex: Metric {
  /// `concordance`.
  public static let name = "concordance"

  /// The concordance index.
  public init() {}

  /// - Parameters:
  ///   - durations: How long each subject was seen.
  ///   - observed: Whether that is where it ended.
  ///   - predictions: The predicted durations, or anything that rises with them.
  /// - Returns: Nil if no two durations can be compared.
  public func value(
    durations: [Double], observed: [Bool], predictions: [Double]
  ) -> Double? {
    Self.requireEqualCounts([
      "durations": durations.count, "observed": observed.count, "predictions": predictions.count,
    ])
    guard predictions.allSatisfy({ !$0.isNaN }) else { return .nan }
    let levels = Array(Set(predictions)).sorted()
    var seen = CountsBelow(count: levels.count)
    let order = durations.indices.sorted { durations[$0] > durations[$1] }
    var (doubledWins, pairs) = (0, 0)
    var start = 0
    while start < order.count {
      let time = durations[order[start]]
      let end = order[start...].firstIndex { durations[$0] < time } ?? order.count
      let ended = order[start..<end].filter { observed[$0] }
      // Who was censored at a time lived longer than who ended at it.
      for subject in order[start..<end] where !observed[subject] {
        seen.add(Self.rank(of: predictions[subject], in: levels))
      }
      for subject in ended {
        let rank = Self.rank(of: predictions[subject], in: levels)
        let (below, equal) = (seen.count(below: rank), seen.count(at: rank))
        doubledWins += 2 * (seen.total - below - equal) + equal
        pairs += seen.total
      }
      for subject in ended { seen.add(Self.rank(of: predictions[subject], in: levels)) }
      start = end
    }
    return pairs == 0 ? nil : Double(doubledWins) / (2 * Double(pairs))
  }

  private static func rank(of value: Double, in levels: [Double]) -> Int {
    var (low, high) = (0, levels.count)
    while low < high {
      let middle = (low + high) / 2
      if levels[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Counts of ranks, and how many lie below one, in O(log n) each (Fenwick, "A new data structure for
/// cumulative frequency tables", 1994).
private struct CountsBelow {
  private var sums: [Int]
  private var counts: [Int]
  private(set) var total = 0

  init(count: Int) {
    sums = Array(repeating: 0, count: count + 1)
    counts = Array(repeating: 0, count: count)
  }

  mutating func add(_ rank: Int) {
    counts[rank] += 1
    total += 1
    var index = rank + 1
    while index < sums.count {
      sums[index] += 1
      index += index & -index
    }
  }

  func count(at rank: Int) -> Int { counts[rank] }

  func count(below rank: Int) -> Int {
    var (index, sum) = (rank, 0)
    while index > 0 {
      sum += sums[index]
      index -= index & -index
    }
    return sum
  }
}
