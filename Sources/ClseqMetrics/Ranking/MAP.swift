/// MAP@k: the mean over targets of the average precision among the first k.
///
/// With R relevant items, the average precision is
///
///     AP@k = 1 / min(R, k) · Σ (relevant items among the first r) / r
///            over the ranks r ≤ k of relevant items
///
/// so that a perfect ranking has 1 at every cutoff. With the one target of a leave-one-out split it
/// equals ``MRR``; with several it does not. Source: Manning, Raghavan, Schütze, Introduction to
/// Information Retrieval (2008), equation 8.8, cut at k.
public struct MAP: RankingMetric {
  /// `MAP`.
  public static let name = "MAP"
  /// k.
  public let cutoff: Int

  /// The mean average precision at a cutoff.
  public init(at cutoff: Int) {
    self.cutoff = cutoff
  }

  /// - Parameter rank: The rank of the only relevant item, from 1.
  public func value(rank: Int) -> Double {
    value(ranks: CollectionOfOne(rank))
  }

  /// - Parameter ranks: The ranks of all relevant items, from 1 and distinct; at least one.
  public func value(ranks: some Collection<Int>) -> Double {
    precondition(!ranks.isEmpty, "MAP of no relevant items")
    let precisions = ranks.filter { $0 <= cutoff }.sorted().enumerated().map { before, rank in
      Double(before + 1) / Double(rank)
    }
    return precisions.reduce(0, +) / Double(min(ranks.count, cutoff))
  }
}
