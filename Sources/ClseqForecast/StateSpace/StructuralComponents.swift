/// The components of a structural model: a level always, a trend and a weekly season optionally.
///
/// The equations are those of ``StructuralModel``.
public struct StructuralComponents: Sendable, Hashable, Codable {
  /// s, the days of a season.
  public static let period = 7

  /// Whether the level has a slope.
  public var hasTrend: Bool
  /// Whether there is a weekly season.
  public var hasSeason: Bool

  /// A level with these components.
  public init(hasTrend: Bool = false, hasSeason: Bool = false) {
    self.hasTrend = hasTrend
    self.hasSeason = hasSeason
  }

  /// All combinations, those with fewer states first.
  public static let all = [
    StructuralComponents(), StructuralComponents(hasTrend: true),
    StructuralComponents(hasSeason: true), StructuralComponents(hasTrend: true, hasSeason: true),
  ]

  /// The number of states m: the level, the slope, and the effects of s − 1 days. All are diffuse at the
  /// start.
  public var stateCount: Int {
    (hasTrend ? 2 : 1) + (hasSeason ? Self.period - 1 : 0)
  }

  /// The number of variances, the k of AIC: of the irregular, the level, the slope and the season.
  public var varianceCount: Int { 2 + (hasTrend ? 1 : 0) + (hasSeason ? 1 : 0) }

  /// The minimum number of values for a fit: one per diffuse state and three per variance, with a season
  /// at least two of its periods.
  public var minimumCount: Int {
    max(stateCount + 3 * varianceCount, hasSeason ? 2 * Self.period : 0)
  }

  /// The place of the season's first effect among the states.
  var seasonStart: Int { hasTrend ? 2 : 1 }

  /// The states that get noise, in the order of the variances after the irregular's.
  var noisyStates: [Int] {
    [0] + (hasTrend ? [1] : []) + (hasSeason ? [seasonStart] : [])
  }
}

extension StructuralComponents: CustomStringConvertible {
  /// Such as `level + trend + season`.
  public var description: String {
    (["level"] + (hasTrend ? ["trend"] : []) + (hasSeason ? ["season"] : []))
      .joined(separator: " + ")
  }
}
