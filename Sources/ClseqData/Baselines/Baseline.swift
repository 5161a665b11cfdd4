/// The catalogue of baselines, by the names of the command line.
///
/// ```swift
/// let split = Split.leaveOneOut(try SequenceDataset.load(path: "ml-100k.inter"))
/// for baseline in Baseline.allCases {
///   let metrics = RankingMetrics(ranks: baseline.fitted(to: split).ranks(for: .test))
///   print(baseline.rawValue, metrics["NDCG@10"] ?? 0)
/// }
/// ```
public enum Baseline: String, Sendable, Codable, CaseIterable {
  /// ``PopularityBaseline``.
  case popularity
  /// ``RecentPopularityBaseline``.
  case recentPopularity = "recent-popularity"
  /// ``RepeatBaseline``.
  case `repeat`
  /// ``MarkovBaseline``.
  case markov
  /// ``ItemKNNBaseline``.
  case itemKNN = "item-knn"

  /// What it ranks by, in a few words.
  public var summary: String {
    switch self {
    case .popularity: "how often an item was met"
    case .recentPopularity: "how often an item was met lately"
    case .repeat: "how lately the user met an item"
    case .markov: "how often an item came after the user's last"
    case .itemKNN: "how many users share an item with the user's items"
    }
  }

  /// The ranker with the settings of the house, fitted on the training parts.
  public func fitted(to split: Split) -> any BaselineRanker {
    switch self {
    case .popularity: PopularityBaseline(split)
    case .recentPopularity: RecentPopularityBaseline(split)
    case .repeat: RepeatBaseline(split)
    case .markov: MarkovBaseline(split)
    case .itemKNN: ItemKNNBaseline(split)
    }
  }
}
