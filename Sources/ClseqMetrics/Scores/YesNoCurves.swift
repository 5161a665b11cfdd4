/// Tables and curves of predicted probabilities of a yes: thresholds, the precision–recall curve,
/// calibration and deciles.
public struct YesNoCurves: Sendable, Equatable {
  /// The result of flagging the cases whose probability is at least a threshold.
  public struct Threshold: Sendable, Equatable, Encodable {
    /// The minimum probability that is flagged.
    public let threshold: Double
    /// The share of cases that are flagged.
    public let flagged: Double
    /// The share of the flagged that are positive; nil if nothing is flagged.
    public let precision: Double?
    /// The share of the positive that are flagged.
    public let recall: Double
    /// The harmonic mean of precision and recall.
    public let f1: Double
  }

  /// A tenth of the cases, by probability.
  public struct Decile: Sendable, Equatable, Encodable {
    /// From 1, the highest probabilities.
    public let decile: Int
    /// Cases in it.
    public let cases: Int
    /// The mean of their probabilities.
    public let meanProbability: Double
    /// The share of them that are positive.
    public let share: Double
    /// That share over the share among all.
    public let lift: Double
    /// The share of all positives that are in this decile or one above.
    public let captured: Double

    private enum CodingKeys: String, CodingKey {
      case decile, cases, share, lift, captured
      case meanProbability = "mean_probability"
    }
  }

  /// A point of the calibration curve.
  public struct CalibrationPoint: Sendable, Equatable, Encodable {
    /// Cases in the bin.
    public let cases: Int
    /// The mean of their probabilities.
    public let meanProbability: Double
    /// The share of them that are positive.
    public let share: Double

    private enum CodingKeys: String, CodingKey {
      case cases, share
      case meanProbability = "mean_probability"
    }
  }

  /// The number of cases.
  public let cases: Int
  /// The share of them that are positive.
  public let positives: Double
  /// Thresholds 0.1 to 0.9.
  public let thresholds: [Threshold]
  /// The threshold with the maximum F1.
  public let bestF1: Threshold
  /// Thresholds by recall from low to high, at most a hundred: the precision–recall curve.
  public let precisionRecall: [Threshold]
  /// Bins of equal mass, ascending.
  public let calibration: [CalibrationPoint]
  /// Tenths of the cases, the highest probabilities first; fewer where many probabilities are
  /// equal.
  public let deciles: [Decile]

  /// - Parameter ordered: Cases whose scores are probabilities.
  /// - Returns: Nil without a positive, without a negative, and if a probability is not a number.
  public init?(_ ordered: OrderedCases) {
    let totals = ordered.totals(nil)
    let count = totals.positives + totals.negatives
    guard totals.positives > 0, totals.negatives > 0, !ordered.hasNaN else { return nil }
    cases = count
    positives = Double(totals.positives) / Double(count)
    func threshold(_ minimum: Double, flagged: Int, hits: Int) -> Threshold {
      let counts = ClassCounts(
        truePositives: hits, falsePositives: flagged - hits,
        falseNegatives: totals.positives - hits)
      return Threshold(
        threshold: minimum, flagged: Double(flagged) / Double(count),
        precision: flagged == 0 ? nil : counts.precision, recall: counts.recall, f1: counts.f1)
    }
    var rounds = (1...9).map { threshold(Double($0) / 10, flagged: 0, hits: 0) }
    var curve: [Threshold] = []
    var best: Threshold?
    var (flagged, hits, next) = (count, totals.positives, 0)
    // From the lowest probability up: a threshold flags the cases that remain.
    ordered.forEachTie(nil) { tie in
      while next < rounds.count, rounds[next].threshold <= tie.score {
        rounds[next] = threshold(rounds[next].threshold, flagged: flagged, hits: hits)
        next += 1
      }
      let own = threshold(tie.score, flagged: flagged, hits: hits)
      if own.f1 >= best?.f1 ?? 0 { best = own }
      if let last = curve.last, last.recall == own.recall {
        // Fewer are flagged for the same recall: the better point.
        curve[curve.count - 1] = own
      } else if let last = curve.last, last.recall - own.recall < 0.01, flagged > tie.count {
        // Points closer than a hundredth of recall would not be visible.
      } else {
        curve.append(own)
      }
      flagged -= tie.count
      hits -= tie.positives
    }
    thresholds = rounds
    bestF1 = best ?? curve[0]
    precisionRecall = curve.reversed()
    calibration = CalibrationError().bins(ordered).map {
      CalibrationPoint(
        cases: $0.count, meanProbability: $0.meanProbability, share: $0.positiveShare)
    }
    deciles = Self.deciles(ordered, totals.positives, count)
  }

  private static func deciles(
    _ ordered: OrderedCases, _ positives: Int, _ count: Int
  ) -> [Decile] {
    var captured = 0
    return CalibrationError(binCount: 10).bins(ordered).reversed().enumerated().map { place, bin in
      captured += bin.positiveCount
      return Decile(
        decile: place + 1, cases: bin.count, meanProbability: bin.meanProbability,
        share: bin.positiveShare, lift: bin.positiveShare * Double(count) / Double(positives),
        captured: Double(captured) / Double(positives))
    }
  }
}

extension YesNoCurves: Encodable {
  private enum CodingKeys: String, CodingKey {
    case cases, positives, thresholds, calibration, deciles
    case bestF1 = "best_f1"
    case precisionRecall = "precision_recall"
  }
}
