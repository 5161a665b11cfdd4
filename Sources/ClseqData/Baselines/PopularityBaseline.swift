/// Ranks every item by how often the training parts hold it: what a model must beat.
public struct PopularityBaseline: BaselineRanker {
  private let split: Split
  private let ranking: CommonRanking

  /// Counts the items of all training parts.
  public init(_ split: Split) {
    self.split = split
    ranking = CommonRanking(split.trainingCounts())
  }

  /// `popularity`.
  public var title: String { Baseline.popularity.rawValue }

  /// The rank of each user's target, from 1, in the order of the dataset.
  public func ranks(for part: Split.Part) -> [Int] {
    split.users(of: part).map { user in
      let user = Int(user)
      return ranking.rank(
        of: split.target(of: user, for: part), excluding: split.exclusions(of: user, for: part))
    }
  }
}

extension Split {
  /// How often the training parts hold each item, by item index; index 0 is unused.
  func trainingCounts() -> [Double] {
    var counts = [Double](repeating: 0, count: dataset.itemCount + 1)
    for user in 0..<dataset.userCount {
      for item in training(of: user) where item <= dataset.itemCount { counts[Int(item)] += 1 }
    }
    return counts
  }
}
