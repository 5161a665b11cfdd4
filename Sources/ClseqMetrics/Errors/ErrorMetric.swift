/// A figure of the errors of predicted numbers; smaller is better.
public protocol ErrorMetric: Metric {
  /// The cost of an error.
  static func cost(_ error: Double) -> Double
  /// The function of the mean cost that is the figure.
  static var finish: MeanFigure.Finish { get }
}

extension ErrorMetric {
  /// The figure over all cases; nil if there is none.
  ///
  /// - Parameters:
  ///   - targets: The true number of each case.
  ///   - predictions: The predicted number of each, as many as targets.
  public func value(targets: [Double], predictions: [Double]) -> Double? {
    Self.requireEqualCounts(["targets": targets.count, "predictions": predictions.count])
    let users = [Int32](repeating: 0, count: targets.count)
    return figure(users: users, userCount: 1) { predictions[$0] - targets[$0] }.value
  }

  /// The figure over the cases of users.
  ///
  /// - Parameters:
  ///   - users: The user of each case, from 0 to below `userCount`.
  ///   - userCount: The number of users.
  ///   - error: The error of a case, from 0.
  public func figure(
    users: [Int32], userCount: Int, of error: (_ index: Int) -> Double
  ) -> any UserFigure {
    MeanFigure(users: users, userCount: userCount, Self.finish) { Self.cost(error($0)) }
  }
}
