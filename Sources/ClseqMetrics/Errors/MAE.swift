/// The mean absolute error, in the unit of the targets.
public struct MAE: ErrorMetric {
  /// `MAE`.
  public static let name = "MAE"

  /// The mean absolute error.
  public init() {}

  /// - Returns: Nil if there is no target.
  public func value(
    targets: some Collection<Double>, predictions: some Collection<Double>
  ) -> Double? {
    Self.mean(targets, predictions) { abs($0) }
  }
}
