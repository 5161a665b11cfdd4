/// One score an item that holds for all users: ranks follow from it in logarithmic time.
struct CommonRanking: Sendable {
  /// By item index; index 0 is unused.
  let scores: [Double]
  /// The scores of all items, ascending.
  private let sortedScores: [Double]

  /// - Parameter scores: By item index, numbers only; the value at 0 does not matter.
  init(_ scores: [Double]) {
    self.scores = scores
    sortedScores = scores.dropFirst().sorted()
  }

  /// The rank of the target among all items but those of `seen`, which are distinct and without
  /// the target; a tied item counts against the target.
  func rank(of target: Int32, excluding seen: [Int32]) -> Int {
    let score = scores[Int(target)]
    let atLeast = sortedScores.count - sortedScores.partitioningIndex { $0 >= score }
    return atLeast - seen.count { scores[Int($0)] >= score }
  }
}
