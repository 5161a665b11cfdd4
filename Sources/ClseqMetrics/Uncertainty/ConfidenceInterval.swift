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
    self.init(percentilesOf: values.map { ($0, $0) }, level: level)
  }

  /// The same with a lower and an upper value of each resample.
  init?(percentilesOf values: [(lower: Double, upper: Double)], level: Double) {
    guard !values.isEmpty else { return nil }
    self.level = level
    lower = Self.quantile((1 - level) / 2, of: values.map(\.lower))
    upper = Self.quantile((1 + level) / 2, of: values.map(\.upper))
  }

  private static func quantile(_ probability: Double, of values: [Double]) -> Double {
    if values.contains(where: \.isNaN) { return .nan }
    let ascending = values.sorted()
    let position = probability * Double(ascending.count - 1)
    let index = Int(position)
    let next = min(index + 1, ascending.count - 1)
    return ascending[index] + (position - Double(index)) * (ascending[next] - ascending[index])
  }
}
