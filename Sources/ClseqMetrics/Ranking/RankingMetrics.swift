/// The mean of every ranking metric over many targets.
///
/// ```swift
/// let metrics = RankingMetrics(ranks: [1, 4, 120])
/// metrics["NDCG@10"]
/// ```
public struct RankingMetrics: Sendable, Equatable {
  /// The default cutoffs.
  public static let cutoffs = [5, 10, 20]
  /// The metrics, in the order of tables. With one target, recall is the hit rate and average
  /// precision is the reciprocal rank, so neither is among them.
  public static let metrics: [any RankingMetric.Type] = [HitRate.self, NDCG.self, MRR.self]

  /// The metric of a title such as `HR@20`, at any cutoff; nil for an unknown one.
  public static func metric(named title: String) -> (any RankingMetric)? {
    let parts = title.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, let cutoff = Int(parts[1]), cutoff >= 1 else { return nil }
    return metrics.first { $0.name == parts[0] }?.init(at: cutoff)
  }

  /// The number of targets.
  public let count: Int
  /// The names in the order of tables: `HR@5`, `HR@10`, …, `MRR@20`.
  public let names: [String]
  /// The means in the order of `names`; zero if there is no target.
  public let values: [Double]

  /// - Parameters:
  ///   - ranks: The rank of each target, from 1. Sums are taken in this order.
  ///   - cutoffs: The values of k.
  public init(ranks: some Sequence<Int>, cutoffs: [Int] = RankingMetrics.cutoffs) {
    let metrics = Self.metrics.flatMap { type in cutoffs.map { type.init(at: $0) } }
    var sums = [Double](repeating: 0, count: metrics.count)
    var count = 0
    for rank in ranks {
      precondition(rank >= 1, "rank \(rank): ranks count from 1")
      count += 1
      for (index, metric) in metrics.enumerated() { sums[index] += metric.value(rank: rank) }
    }
    self.count = count
    names = metrics.map(\.title)
    values = sums.map { count == 0 ? 0 : $0 / Double(count) }
  }

  /// The same of ranks among sampled negatives, marked in every name: `NDCG@10 (100 sampled)`.
  public init(_ sampled: SampledRanks, cutoffs: [Int] = RankingMetrics.cutoffs) {
    let means = RankingMetrics(ranks: sampled.ranks, cutoffs: cutoffs)
    count = means.count
    names = means.names.map { "\($0) \(sampled.mark)" }
    values = means.values
  }

  /// The mean of the metric of this name, such as `NDCG@10`; nil for an unknown name.
  public subscript(name: String) -> Double? {
    names.firstIndex(of: name).map { values[$0] }
  }

  /// All means by name.
  public var dictionary: [String: Double] {
    Dictionary(uniqueKeysWithValues: zip(names, values))
  }
}
