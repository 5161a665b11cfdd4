/// The mean absolute error, in the unit of the targets. The best constant for it is the median.
public struct MAE: ErrorMetric {
  /// `MAE`.
  public static let name = "MAE"
  /// What becomes of the mean cost.
  public static let finish = MeanFigure.Finish.mean

  /// The mean absolute error.
  public init() {}

  /// What an error costs.
  public static func cost(_ error: Double) -> Double { abs(error) }
}
