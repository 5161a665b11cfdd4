/// The variances of the disturbances of a structural model; zero for components that it lacks.
public struct StructuralVariances: Sendable, Hashable, Codable {
  /// σ²_ε, of the irregular.
  public var irregular: Double
  /// σ²_η, of the level.
  public var level: Double
  /// σ²_ζ, of the slope.
  public var trend: Double
  /// σ²_ω, of the season.
  public var season: Double

  /// Variances, none below zero.
  public init(irregular: Double, level: Double, trend: Double = 0, season: Double = 0) {
    self.irregular = irregular
    self.level = level
    self.trend = trend
    self.season = season
  }

  /// From a number per component, the irregular first.
  init(_ values: [Double], of components: StructuralComponents) {
    self.init(irregular: values[0], level: values[1])
    if components.hasTrend { trend = values[2] }
    if components.hasSeason { season = values[values.count - 1] }
  }

  /// A number per component, the irregular first.
  func values(of components: StructuralComponents) -> [Double] {
    [irregular, level] + (components.hasTrend ? [trend] : [])
      + (components.hasSeason ? [season] : [])
  }
}
