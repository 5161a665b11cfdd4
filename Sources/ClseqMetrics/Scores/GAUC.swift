/// The area under the curve within each group (a user, a session), averaged by impressions.
///
///     GAUC = Σ impressions(g) AUC(g) / Σ impressions(g)
///
/// A group whose labels are all alike has no AUC: it is left out and counted. Source: Zhou et al.,
/// Deep interest network for click-through rate prediction, KDD 2018.
public struct GAUC: Metric {
  /// What the groups gave.
  public struct Result: Sendable, Equatable {
    /// The weighted mean; nil if every group was left out.
    public let value: Double?
    /// The groups that count.
    public let groupCount: Int
    /// The groups left out because their labels are all alike.
    public let skippedGroupCount: Int
    /// The cases in the groups that count.
    public let impressionCount: Int
  }

  /// `GAUC`.
  public static let name = "GAUC"

  /// The grouped area under the curve.
  public init() {}

  /// - Parameters:
  ///   - labels: What happened.
  ///   - scores: The score of each case, the higher the likelier; as many as labels.
  ///   - groups: The group of each case; as many as labels.
  /// - Returns: The mean and what it was taken over; its sum is in the order in which groups come.
  public func result(
    labels: some Collection<Bool>, scores: some Collection<Double>,
    groups: some Collection<some Hashable>
  ) -> Result {
    Self.requireEqualCounts(
      ["labels": labels.count, "scores": scores.count, "groups": groups.count])
    let members = Self.members(of: groups)
    let (labels, scores) = (Array(labels), Array(scores))
    var sum = 0.0
    var groupCount = 0
    var impressionCount = 0
    for cases in members {
      guard
        let area = AUC().value(labels: cases.map { labels[$0] }, scores: cases.map { scores[$0] })
      else { continue }
      sum += Double(cases.count) * area
      groupCount += 1
      impressionCount += cases.count
    }
    return Result(
      value: groupCount == 0 ? nil : sum / Double(impressionCount), groupCount: groupCount,
      skippedGroupCount: members.count - groupCount, impressionCount: impressionCount)
  }

  /// The cases of each group, groups in the order in which they come.
  private static func members<Group: Hashable>(of groups: some Collection<Group>) -> [[Int]] {
    var places: [Group: Int] = [:]
    var members: [[Int]] = []
    for (index, group) in groups.enumerated() {
      if let place = places[group] {
        members[place].append(index)
      } else {
        places[group] = members.count
        members.append([index])
      }
    }
    return members
  }
}
