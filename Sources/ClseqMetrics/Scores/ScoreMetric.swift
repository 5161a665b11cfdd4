/// A figure of merit of scores for yes-or-no labels: a click, a return, a churn.
public protocol ScoreMetric: Metric {
  /// The figure over all cases; nil where it is not defined, not a number where a score is not.
  ///
  /// - Parameters:
  ///   - labels: What happened.
  ///   - scores: The score of each case, the higher the likelier; as many as labels.
  func value(labels: some Collection<Bool>, scores: some Collection<Double>) -> Double?
}
