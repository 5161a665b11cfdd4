/// Ranks among sampled negatives: a separate type, so that they are never mistaken for ranks among
/// the whole catalogue.
///
/// ```swift
/// let sampler = NegativeSampler(count: 100, seed: 1)
/// let ranks = users.map { sampler.rank(of: $0, target: …, seen: …, itemCount: …) { item in … } }
/// RankingMetrics(SampledRanks(ranks, by: sampler))["NDCG@10 (100 sampled)"]
/// ```
public struct SampledRanks: Sendable, Equatable {
  /// The rank of each target among its negatives, from 1.
  public let ranks: [Int]
  /// The sampler of the negatives.
  public let sampler: NegativeSampler

  /// Marks ranks as sampled.
  public init(_ ranks: [Int], by sampler: NegativeSampler) {
    self.ranks = ranks
    self.sampler = sampler
  }

  /// A mark after the title of every metric of these ranks, such as `(100 sampled)`.
  public var mark: String { "(\(sampler.count) sampled)" }
}
