/// Recall@k: the share of the relevant items that are among the first k.
///
/// With the one target of a leave-one-out split it equals the hit rate; with several it does not.
public struct Recall: RankingMetric {
  /// `Recall`.
  public static let name = "Recall"
  /// k.
  public let cutoff: Int

  /// The recall at a cutoff.
  public init(at cutoff: Int) {
    self.cutoff = cutoff
  }

  /// - Parameter rank: The rank of the only relevant item, from 1.
  public func value(rank: Int) -> Double {
    value(ranks: CollectionOfOne(rank))
  }

  /// - Parameter ranks: The ranks of all relevant items, from 1; at least one.
  public func value(ranks: some Collection<Int>) -> Double {
    precondition(!ranks.isEmpty, "Recall of no relevant items")
    return Double(ranks.count { $0 <= cutoff }) / Double(ranks.count)
  }
}
