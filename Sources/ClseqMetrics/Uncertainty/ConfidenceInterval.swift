/// Two bounds that contain the true figure with a given confidence.
public struct ConfidenceInterval: Sendable, Equatable {
  /// The confidence, such as 0.95.
  public let level: Double
  /// The lower bound.
  public let lower: Double
  /// The upper bound.
  public let upper: Double

  /// The central part of a statistic's values, between the quantiles (1 − level)/2 and (1 +
  /// level)/2, which are interpolated linearly (Hyndman and Fan 1996, type 7). Not a number if a
  /// value is not; nil if there is no value.
  init?(percentilesOf values: [Double], level: Double) {
    guard !values.isEmpty else { return nil }
    let isNumber = values.allSatisfy { !$0.isNaN }
    let ascending = values.sorted()
    self.level = level
    lower = isNumber ? Self.quantile((1 - level) / 2, of: ascending) : .nan
    upper = isNumber ? Self.quantile((1 + level) / 2, of: ascending) : .nan
  }

  private static func quantile(_ probability: Double, of ascending: [Double]) -> Double {
    let position = probability * Double(ascending.count - 1)
    let index = Int(position)
    let next = min(index + 1, ascending.count - 1)
    return ascending[index] + (position - Double(index)) * (ascending[next] - ascending[index])
  }
}
