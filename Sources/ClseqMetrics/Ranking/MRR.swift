/// MRR@k: 1 / rank if the target is among the first k, else 0.
public struct MRR: RankingMetric {
  /// `MRR`.
  public static let name = "MRR"
  /// k.
  public let cutoff: Int

  /// The reciprocal rank at a cutoff.
  public init(at cutoff: Int) {
    self.cutoff = cutoff
  }

  /// - Parameter rank: The rank of the target, from 1.
  public func value(rank: Int) -> Double {
    rank <= cutoff ? 1 / Double(rank) : 0
  }
}
