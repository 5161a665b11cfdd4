/// The mean squared error, in the squared unit of the targets.
public struct MSE: ErrorMetric {
  /// `MSE`.
  public static let name = "MSE"

  /// The mean squared error.
  public init() {}

  /// - Returns: Nil if there is no target.
  public func value(
    targets: some Collection<Double>, predictions: some Collection<Double>
  ) -> Double? {
    Self.mean(targets, predictions) { $0 * $0 }
  }
}
