/// Binary cases in ascending order of their scores, each with its user: areas under curves,
/// calibration and thresholds are computed from them in one pass each.
public struct OrderedCases: Sendable {
  /// The number of users.
  public let userCount: Int
  /// The scores, ascending.
  public let scores: [Double]
  /// The label of each case.
  public let labels: [Bool]
  /// The user of each case, from 0.
  let users: [Int32]
  /// Whether a score is not a number: then no figure is a number.
  let hasNaN: Bool

  /// - Parameters:
  ///   - scores: The score of each case; higher is more probable.
  ///   - labels: The outcome of each case, as many.
  ///   - users: The user of each case, as many; when nil, all cases are of one user.
  ///   - userCount: The number of users.
  public init(
    scores: [Double], labels: [Bool], users: [Int32]? = nil, userCount: Int = 1
  ) {
    precondition(
      labels.count == scores.count && users.map { $0.count == scores.count } ?? true,
      "\(scores.count) scores, \(labels.count) labels, \(users?.count ?? 0) users")
    var order = Array(Int32(0)..<Int32(scores.count))
    hasNaN = scores.contains { $0.isNaN }
    if !hasNaN { order.sort { scores[Int($0)] < scores[Int($1)] } }
    self.userCount = userCount
    self.scores = order.map { scores[Int($0)] }
    self.labels = order.map { labels[Int($0)] }
    self.users =
      users.map { users in order.map { users[Int($0)] } }
      ?? [Int32](repeating: 0, count: scores.count)
  }

  /// Cases with equal scores.
  struct Tie {
    var score = 0.0
    var positives = 0
    var negatives = 0

    var count: Int { positives + negatives }
  }

  /// Calls a body with the cases of each score, ascending; scores without a counted case are
  /// skipped.
  ///
  /// - Parameter counts: How often each user counts; once when nil.
  func forEachTie(_ counts: [Int32]?, _ body: (Tie) -> Void) {
    var place = 0
    while place < scores.count {
      var tie = Tie(score: scores[place])
      while place < scores.count, scores[place] == tie.score || scores[place].isNaN {
        let count = counts.map { Int($0[Int(users[place])]) } ?? 1
        if labels[place] { tie.positives += count } else { tie.negatives += count }
        place += 1
      }
      if tie.count > 0 { body(tie) }
    }
  }

  /// How many cases are positive and negative.
  func totals(_ counts: [Int32]?) -> (positives: Int, negatives: Int) {
    var (positives, negatives) = (0, 0)
    for place in labels.indices {
      let count = counts.map { Int($0[Int(users[place])]) } ?? 1
      if labels[place] { positives += count } else { negatives += count }
    }
    return (positives, negatives)
  }
}
