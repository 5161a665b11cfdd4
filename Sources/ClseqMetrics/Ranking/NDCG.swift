#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// NDCG@k with one relevant item: 1 / log₂(rank + 1) if the target is among the first k, else 0.
///
/// The ideal ranking puts the target first and has a gain of 1, so no division is left. Source:
/// Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, TOIS 2002.
public struct NDCG: RankingMetric {
  /// `NDCG`.
  public static let name = "NDCG"
  /// k.
  public let cutoff: Int

  /// The normalised discounted cumulative gain at a cutoff.
  public init(at cutoff: Int) {
    self.cutoff = cutoff
  }

  /// - Parameter rank: The rank of the target, from 1.
  public func value(rank: Int) -> Double {
    rank <= cutoff ? 1 / log2(Double(rank + 1)) : 0
  }
}
