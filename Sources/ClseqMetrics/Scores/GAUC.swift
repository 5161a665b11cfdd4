/// The area under the curve within each user, averaged by impressions.
///
///     GAUC = Σ impressions(u) AUC(u) / Σ impressions(u)
///
/// A user whose labels are all equal has no AUC: such users are left out and counted. Source: Zhou
/// et al., Deep interest network for click-through rate prediction, KDD 2018.
public struct GAUC: Metric, UserFigure {
  /// `GAUC`.
  public static let name = "GAUC"

  /// The number of users.
  public var userCount: Int { mean.userCount }
  /// The users that are included.
  public let countedUsers: Int
  /// The users with cases that are left out because their labels are all equal.
  public let skippedUsers: Int
  /// The cases of the users that are included.
  public let impressionCount: Int
  private let mean: MeanFigure

  /// - Parameters:
  ///   - scores: The score of each case; higher is more probable.
  ///   - labels: The outcome of each case, as many.
  ///   - users: The user of each case, as many, from 0 to below `userCount`.
  ///   - userCount: The number of users.
  public init(scores: [Double], labels: [Bool], users: [Int32], userCount: Int) {
    Self.requireEqualCounts([
      "scores": scores.count, "labels": labels.count, "users": users.count,
    ])
    var order = Array(Int32(0)..<Int32(users.count))
    let isGrouped = zip(users, users.dropFirst()).allSatisfy { $0 <= $1 }
    if !isGrouped { order.sort { users[Int($0)] < users[Int($1)] } }
    var sums = [Double](repeating: 0, count: userCount)
    var weights = sums
    var (counted, skipped, impressions, start) = (0, 0, 0, 0)
    while start < order.count {
      let user = users[Int(order[start])]
      let end = order[start...].firstIndex { users[Int($0)] != user } ?? order.count
      let cases = order[start..<end]
      start = end
      let area = AUC().value(
        labels: cases.map { labels[Int($0)] }, scores: cases.map { scores[Int($0)] })
      guard let area else {
        skipped += 1
        continue
      }
      counted += 1
      impressions += cases.count
      sums[Int(user)] = Double(cases.count) * area
      weights[Int(user)] = Double(cases.count)
    }
    (countedUsers, skippedUsers, impressionCount) = (counted, skipped, impressions)
    mean = MeanFigure(sums: sums, weights: weights)
  }

  /// - Returns: Nil if no user is included.
  public func value(_ counts: [Int32]) -> Double? { mean.value(counts) }
}
