/// The mean absolute error, in the unit of the targets. The best constant for it is the median.
public struct MAE: ErrorMetric {
  /// `MAE`.
  public static let name = "MAE"
  /// The function of the mean cost that is the figure.
  public static let finish = MeanFigure.Finish.mean

  /// The mean absolute error.
  public init() {}

  /// The cost of an error.
  public static func cost(_ error: Double) -> Double { abs(error) }
}
