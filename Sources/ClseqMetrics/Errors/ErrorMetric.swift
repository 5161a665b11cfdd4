/// A figure of the errors of predicted numbers, the smaller the better.
public protocol ErrorMetric: Metric {
  /// The figure over all cases; nil if there is none.
  ///
  /// - Parameters:
  ///   - targets: What is to be predicted.
  ///   - predictions: The prediction of each, as many as targets.
  func value(targets: some Collection<Double>, predictions: some Collection<Double>) -> Double?
}

extension ErrorMetric {
  /// The mean of a cost of each error; nil if there is none.
  static func mean(
    _ targets: some Collection<Double>, _ predictions: some Collection<Double>,
    of cost: (_ error: Double) -> Double
  ) -> Double? {
    requireEqualCounts(["targets": targets.count, "predictions": predictions.count])
    guard !targets.isEmpty else { return nil }
    return zip(targets, predictions).reduce(0) { $0 + cost($1.1 - $1.0) } / Double(targets.count)
  }
}
