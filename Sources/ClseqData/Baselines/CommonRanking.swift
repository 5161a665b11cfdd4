import ClseqBase

/// One score per item, the same for all users: a rank takes logarithmic time.
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

  /// The rank of the target among items; a tied item counts against the target.
  func rank(of target: Int32, among items: RankedItems) -> Int {
    let score = scores[Int(target)]
    switch items {
    case .allBut(let excluded):
      let atLeast = sortedScores.count - sortedScores.partitioningIndex { $0 >= score }
      return atLeast - excluded.count { scores[Int($0)] >= score }
    case .only(let candidates): return 1 + candidates.count { scores[Int($0)] >= score }
    }
  }
}
