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

  /// The quantity that it ranks by, in a few words.
  public var summary: String {
    switch self {
    case .popularity: "the number of events of an item"
    case .recentPopularity: "the number of recent events of an item"
    case .repeat: "how recently the user met an item"
    case .markov: "how often an item followed the user's last item"
    case .itemKNN: "how many users have both an item and one of the user's items"
    }
  }

  /// The ranker with the default settings, fitted on the training parts.
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
