/// The area under the receiver operating characteristic: the probability that a positive has a
/// higher score than a negative, where equal scores count one half.
///
/// It is the statistic of Mann and Whitney over the number of pairs (Hanley and McNeil, The meaning
/// and use of the area under a ROC curve, Radiology 1982).
public struct AUC: ScoreMetric {
  /// `AUC`.
  public static let name = "AUC"

  /// The area under the curve.
  public init() {}

  /// - Returns: Nil without a positive or without a negative.
  public func value(of cases: OrderedCases, _ counts: [Int32]?) -> Double? {
    var (doubledWins, positives, negatives) = (0.0, 0, 0)
    cases.forEachTie(counts) { tie in
      // Exact below 2⁵³: half a point for each pair that ties.
      doubledWins += Double(tie.positives) * Double(2 * negatives + tie.negatives)
      positives += tie.positives
      negatives += tie.negatives
    }
    guard positives > 0, negatives > 0 else { return nil }
    guard !cases.hasNaN else { return .nan }
    return doubledWins / (2 * Double(positives) * Double(negatives))
  }
}
