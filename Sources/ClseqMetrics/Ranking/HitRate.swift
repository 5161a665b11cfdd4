/// HR@k: 1 if the target is among the first k, else 0.
public struct HitRate: RankingMetric {
  /// `HR`.
  public static let name = "HR"
  /// k.
  public let cutoff: Int

  /// The hit rate at a cutoff.
  public init(at cutoff: Int) {
    self.cutoff = cutoff
  }

  /// - Parameter rank: The rank of the target, from 1.
  public func value(rank: Int) -> Double {
    rank <= cutoff ? 1 : 0
  }
}
