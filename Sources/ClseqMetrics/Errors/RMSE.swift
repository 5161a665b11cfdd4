/// The root of the mean squared error, in the unit of the targets. The best constant for it is the
/// mean.
public struct RMSE: ErrorMetric {
  /// `RMSE`.
  public static let name = "RMSE"
  /// The function of the mean cost that is the figure.
  public static let finish = MeanFigure.Finish.root

  /// The root mean squared error.
  public init() {}

  /// The cost of an error.
  public static func cost(_ error: Double) -> Double { error * error }
}
