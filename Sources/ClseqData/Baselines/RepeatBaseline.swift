/// Ranks items by how recently the user met them: the latest first, items never met last.
///
/// If seen items are candidates, this is the score of repetition alone. If they are excluded, all
/// candidates tie, and each target has the last rank or is missed.
public struct RepeatBaseline: BaselineRanker {
  private let split: Split

  /// Nothing is fitted: only the history of each user counts.
  public init(_ split: Split) {
    self.split = split
  }

  /// `repeat`.
  public var title: String { Baseline.repeat.rawValue }

  /// The rank of each user's target, from 1, in the order of the dataset.
  public func ranks(for part: Split.Part) -> [Int] {
    split.ranks(of: part) { user, target, items in
      var latest: Set<Int32> = []
      for item in split.history(of: user, for: part).reversed() {
        if item == target {
          return 1 + latest.count { items.contains($0) }
        }
        if item <= split.dataset.itemCount { latest.insert(item) }
      }
      return items.count(of: split.dataset.itemCount)
    }
  }
}

extension RepeatBaseline {
  /// The items of the history, the last one met with the highest score.
  public func scores(after history: [Int32]) -> [ScoredItem] {
    var met: Set<Int32> = []
    return history.indices.reversed().compactMap { place in
      met.insert(history[place]).inserted
        ? ScoredItem(item: history[place], score: Double(place + 1)) : nil
    }
  }
}
