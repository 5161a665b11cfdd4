/// The root of the mean squared error, in the unit of the targets.
public struct RMSE: ErrorMetric {
  /// `RMSE`.
  public static let name = "RMSE"

  /// The root mean squared error.
  public init() {}

  /// - Returns: Nil if there is no target.
  public func value(
    targets: some Collection<Double>, predictions: some Collection<Double>
  ) -> Double? {
    Self.mean(targets, predictions) { $0 * $0 }?.squareRoot()
  }
}
