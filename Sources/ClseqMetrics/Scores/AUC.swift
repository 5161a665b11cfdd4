/// The area under the receiver operating characteristic: the probability that a positive scores
/// above a negative, where equal scores count one half.
///
/// It is the statistic of Mann and Whitney over the number of pairs (Hanley and McNeil, The meaning
/// and use of the area under a ROC curve, Radiology 1982).
public struct AUC: ScoreMetric {
  /// `AUC`.
  public static let name = "AUC"

  /// The area under the curve.
  public init() {}

  /// - Returns: Nil without a positive or without a negative.
  public func value(labels: some Collection<Bool>, scores: some Collection<Double>) -> Double? {
    Self.requireEqualCounts(["labels": labels.count, "scores": scores.count])
    let positiveCount = labels.count { $0 }
    let negativeCount = labels.count - positiveCount
    guard positiveCount > 0, negativeCount > 0 else { return nil }
    guard scores.allSatisfy({ !$0.isNaN }) else { return .nan }
    let cases = zip(scores, labels).map { (score: $0, label: $1) }.sorted { $0.score < $1.score }
    var doubledWins = 0
    var negativesBelow = 0
    var start = 0
    while start < cases.count {
      let end = cases[start...].firstIndex { $0.score > cases[start].score } ?? cases.count
      let positives = cases[start..<end].count { $0.label }
      let negatives = end - start - positives
      doubledWins += positives * (2 * negativesBelow + negatives)
      negativesBelow += negatives
      start = end
    }
    return Double(doubledWins) / (2 * Double(positiveCount) * Double(negativeCount))
  }
}
