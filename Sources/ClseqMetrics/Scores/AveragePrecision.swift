/// The area under the precision–recall curve, as average precision: the mean of the precision over
/// the recall that each threshold adds, without interpolation.
///
///     AP = Σ (recall(t) − recall(t')) precision(t)    over thresholds t from the highest score
///                                                     down, t' being the one before t
///
/// A random ranking has the share of positives. Source: Davis and Goadrich, The relationship
/// between precision–recall and ROC curves, ICML 2006, who show that linear interpolation is too
/// optimistic.
public struct AveragePrecision: ScoreMetric {
  /// `PR-AUC`.
  public static let name = "PR-AUC"

  /// The average precision.
  public init() {}

  /// - Returns: Nil without a positive.
  public func value(of cases: OrderedCases, _ counts: [Int32]?) -> Double? {
    let totals = cases.totals(counts)
    guard totals.positives > 0 else { return nil }
    guard !cases.hasNaN else { return .nan }
    // From the lowest score up: a threshold flags the cases that remain.
    var (sum, flagged, hits) = (0.0, totals.positives + totals.negatives, totals.positives)
    cases.forEachTie(counts) { tie in
      sum += Double(tie.positives) * Double(hits) / Double(flagged)
      hits -= tie.positives
      flagged -= tie.count
    }
    return sum / Double(totals.positives)
  }
}
