/// A metric of scores for binary labels: a click, a return, a churn.
public protocol ScoreMetric: Metric {
  /// The figure over ordered cases; nil if it is not defined, not a number if a score is not.
  ///
  /// - Parameters:
  ///   - cases: The cases in ascending order of scores.
  ///   - counts: How often each user counts; once when nil.
  func value(of cases: OrderedCases, _ counts: [Int32]?) -> Double?
  /// The figure over ordered cases of users.
  func figure(of cases: OrderedCases) -> any UserFigure
}

extension ScoreMetric {
  /// The figure over all cases; nil if it is not defined, not a number if a score is not.
  ///
  /// - Parameters:
  ///   - labels: The outcome of each case.
  ///   - scores: The score of each case; higher is more probable; as many as labels.
  public func value(labels: some Collection<Bool>, scores: some Collection<Double>) -> Double? {
    Self.requireEqualCounts(["labels": labels.count, "scores": scores.count])
    return value(of: OrderedCases(scores: Array(scores), labels: Array(labels)), nil)
  }

  /// The figure over ordered cases of users.
  public func figure(of cases: OrderedCases) -> any UserFigure {
    ScoreFigure(metric: self, cases: cases)
  }
}

/// A score metric over the cases of users.
private struct ScoreFigure<Metric: ScoreMetric>: UserFigure {
  let metric: Metric
  let cases: OrderedCases

  var userCount: Int { cases.userCount }
  func value(_ counts: [Int32]) -> Double? { metric.value(of: cases, counts) }
}
