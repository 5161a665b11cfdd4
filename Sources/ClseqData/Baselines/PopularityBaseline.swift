/// Ranks every item by its number of training events: the minimum that a model must beat.
public struct PopularityBaseline: BaselineRanker {
  private let split: Split
  private let ranking: CommonRanking

  /// Counts the items of all training parts.
  public init(_ split: Split) {
    self.split = split
    ranking = CommonRanking(split.trainingCounts.map { Double($0) })
  }

  /// `popularity`.
  public var title: String { Baseline.popularity.rawValue }

  /// The rank of each user's target, from 1, in the order of the dataset.
  public func ranks(for part: Split.Part) -> [Int] {
    split.ranks(of: part) { _, target, items in ranking.rank(of: target, among: items) }
  }
}

extension PopularityBaseline {
  /// The number of training events of each item.
  public var commonScores: [Double]? { ranking.scores }
}
