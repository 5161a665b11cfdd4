/// How the mean of one system differs from that of another over the same users.
public struct PairedDifference: Sendable, Equatable {
  /// The number of users.
  public let count: Int
  /// The first system's mean minus the second's.
  public let mean: Double
  /// Where the true difference lies.
  public let interval: ConfidenceInterval
  /// The two-sided p-value of no difference. It is at least 2 / (resamples + 1).
  public let pValue: Double
}
