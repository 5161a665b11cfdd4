/// A ranking metric of targets, one per user. It holds no array of its own: the figures of a table
/// share the array of ranks.
public struct RankFigure: UserFigure {
  private let ranks: [Int]
  /// The metric at each rank from 1 to its cutoff; it is 0 after the cutoff.
  private let values: [Double]

  /// - Parameters:
  ///   - metric: The metric.
  ///   - ranks: The rank of each user's target, from 1.
  public init(_ metric: some RankingMetric, ranks: [Int]) {
    self.ranks = ranks
    values = (1...metric.cutoff).map { metric.value(rank: $0) }
  }

  /// The number of users.
  public var userCount: Int { ranks.count }

  /// - Returns: Nil if no target counts.
  public func value(_ counts: [Int32]) -> Double? {
    precondition(counts.count == ranks.count, "\(counts.count) counts for \(ranks.count) users")
    var (sum, weight) = (0.0, 0.0)
    for user in ranks.indices {
      let count = Double(counts[user])
      if ranks[user] <= values.count { sum += count * values[ranks[user] - 1] }
      weight += count
    }
    return weight > 0 ? sum / weight : nil
  }
}
