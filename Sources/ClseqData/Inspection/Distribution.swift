import ClseqBase

/// The distribution of events per user, or per item: quantiles, a histogram and the Gini coefficient.
public struct Distribution: Sendable, Equatable, Codable {
  /// A range of counts, and the users or items in it.
  public struct Bin: Sendable, Equatable, Codable {
    /// The minimum count of the bin.
    public let from: Int
    /// The maximum count of the bin.
    public let through: Int
    /// Users or items in it.
    public let count: Int
  }

  /// Users or items.
  public let count: Int
  /// The minimum count of events.
  public let least: Int
  /// The median (the lower one of two).
  public let median: Int
  /// The mean.
  public let mean: Double
  /// The count that nine tenths do not exceed.
  public let ninthDecile: Int
  /// The maximum count.
  public let most: Int
  /// The Gini coefficient of the counts: 0 if all are equal, near 1 if one has all (Gini,
  /// Variabilità e mutabilità, 1912).
  public let gini: Double
  /// In ascending order; bounds grow as 1, 2, 5, 10, …
  public let bins: [Bin]

  /// - Parameter counts: Events of each user or item; at least one number.
  public init(of counts: some Collection<Int>) {
    precondition(!counts.isEmpty, "distribution of no counts")
    let sorted = counts.sorted()
    let total = sorted.reduce(0, +)
    count = sorted.count
    least = sorted[0]
    median = sorted[(sorted.count - 1) / 2]
    mean = Double(total) / Double(sorted.count)
    ninthDecile = sorted[(sorted.count * 9 + 9) / 10 - 1]
    most = sorted[sorted.count - 1]
    gini = Self.gini(sorted, total)
    bins = Self.bins(sorted)
  }

  /// G = (2 Σ i xᵢ) / (n Σ xᵢ) − (n + 1) / n for counts in ascending order, i from 1.
  private static func gini(_ sorted: [Int], _ total: Int) -> Double {
    guard total > 0 else { return 0 }
    let n = Double(sorted.count)
    let weighted = sorted.enumerated().reduce(0.0) {
      $0 + Double($1.offset + 1) * Double($1.element)
    }
    return 2 * weighted / (n * Double(total)) - (n + 1) / n
  }

  private static func bins(_ sorted: [Int]) -> [Bin] {
    var bins: [Bin] = []
    var start = 0
    var (from, step) = (sorted[0] == 0 ? 0 : 1, 0)
    while start < sorted.count {
      let next = from == 0 ? 1 : from / [1, 2, 5][step] * [2, 5, 10][step]
      let end = sorted[start...].partitioningIndex { $0 >= next }
      if end > start || !bins.isEmpty {
        bins.append(Bin(from: from, through: next - 1, count: end - start))
      }
      if from > 0 { step = (step + 1) % 3 }
      (from, start) = (next, end)
    }
    return bins
  }

  private enum CodingKeys: String, CodingKey {
    case count, least, median, mean
    case ninthDecile = "p90"
    case most, gini, bins
  }
}
