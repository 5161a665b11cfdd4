/// Ranks every item by how often the training parts hold it: what a model must beat.
public struct PopularityBaseline: Sendable {
  private let split: LeaveOneOut
  /// By item index; index 0 is unused.
  private let counts: [Int]
  /// The counts of all items, ascending.
  private let sortedCounts: [Int]

  /// Counts the items of all training parts.
  public init(_ split: LeaveOneOut) {
    var counts = [Int](repeating: 0, count: split.dataset.itemCount + 1)
    for user in 0..<split.dataset.userCount {
      for item in split.training(of: user) { counts[Int(item)] += 1 }
    }
    self.split = split
    self.counts = counts
    sortedCounts = counts.dropFirst().sorted()
  }

  /// The rank of each user's target, from 1, in the order of the dataset: full ranking, seen
  /// items filtered, a tied item counts against the target.
  public func ranks(for part: LeaveOneOut.Part) -> [Int] {
    (0..<split.dataset.userCount).map { user in
      let count = counts[Int(split.target(of: user, for: part))]
      let atLeast = sortedCounts.count - sortedCounts.partitioningIndex(where: { $0 >= count })
      let seen = split.exclusions(of: user, for: part).count { counts[Int($0)] >= count }
      return atLeast - seen
    }
  }
}

extension Array {
  /// The first index whose element fulfils a condition that holds from some index on.
  func partitioningIndex(where condition: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
