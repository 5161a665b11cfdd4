/// A metric of one ranking, from the rank of its target. Ranks count from 1, the best.
public protocol RankingMetric: Metric {
  /// k: how many of the first places count.
  var cutoff: Int { get }
  /// The metric at a cutoff.
  init(at cutoff: Int)
  /// The figure for a target at this rank, from 1.
  func value(rank: Int) -> Double
}

extension RankingMetric {
  /// The name with the cutoff, such as `NDCG@10`.
  public var title: String { "\(Self.name)@\(cutoff)" }

  /// The figure for each rank, in order, for ``Bootstrap`` and ``GroupTable``.
  public func values(ranks: some Sequence<Int>) -> [Double] {
    ranks.map { value(rank: $0) }
  }
}
