/// The difference between the figures of two systems over the same users.
public struct PairedDifference: Sendable, Equatable {
  /// The number of users.
  public let userCount: Int
  /// The first system's figure minus the second's.
  public let value: Double
  /// The confidence interval of the difference.
  public let interval: ConfidenceInterval
  /// The two-sided p-value of no difference. It is at least 2 / (resamples + 1).
  public let pValue: Double
}
