import ClseqData
import ClseqMetrics
import ClseqRuns

/// A metric of scored cases. ``MetricCatalog`` has a line for each.
struct CaseMetric: Sendable {
  /// The figures of a set of cases, each under its name; none where the cases do not have it.
  let figures: @Sendable (CaseAnswers) -> [NamedFigure]

  /// A metric with one figure.
  ///
  /// - Parameter figure: Nil where the cases do not have it.
  init(_ name: String, figure: @escaping @Sendable (CaseAnswers) -> (any UserFigure)?) {
    figures = { answers in figure(answers).map { [NamedFigure(name, $0)] } ?? [] }
  }

  /// A metric of ranks, at each of the usual cutoffs.
  init(_ type: any RankingMetric.Type) {
    figures = { answers in
      RankingMetrics.cutoffs.map { answers.cases.ranking(type.init(at: $0), answers.ranks) }
    }
  }
}

/// The metrics of each kind of answer, in the order of tables; the first of a supervised one decides.
enum MetricCatalog {
  /// Of rankings.
  static let ranking: [CaseMetric] = [
    CaseMetric(HitRate.self),
    CaseMetric(NDCG.self),
    CaseMetric(MRR.self),
  ]

  /// Of a yes or a no.
  static let yesOrNo: [CaseMetric] = [
    .areaUnderCurve,
    .groupedAreaUnderCurve,
    .averagePrecision,
    .logLoss,
    .calibrationError,
    .accuracy,
  ]

  /// Of classes.
  static let classes: [CaseMetric] = [
    .classAccuracy,
    .macroF1,
    .classLogLoss,
  ]

  /// Of two classes.
  static let twoClasses: [CaseMetric] = [
    .areaUnderCurve,
    .averagePrecision,
    .classAccuracy,
    .macroF1,
    .classLogLoss,
  ]

  /// Of numbers.
  static let numbers: [CaseMetric] = [
    .rootMeanSquaredError,
    .meanAbsoluteError,
  ]

  /// Of durations.
  static let durations: [CaseMetric] = [
    .concordance
  ]
}

/// Scored cases with what several metrics take from them, each computed once.
final class CaseAnswers {
  let cases: ScoredCases

  init(_ cases: ScoredCases) { self.cases = cases }

  /// The rank of each target; empty for other answers.
  var ranks: [Int] {
    if case .ranks(let ranks, _) = cases.answers { ranks } else { [] }
  }

  /// The cases in the order of their probability of a yes; nil where they are not a yes or a no.
  lazy var ordered: OrderedCases? = cases.orderedCases

  /// The probability of a yes for each case; nil where cases are not a yes or a no.
  lazy var probabilities: [Double]? = cases.yesProbabilities

  /// Whether each case is a yes; nil where that has no meaning.
  lazy var labels: [Bool]? = cases.yesLabels

  /// The likeliest class of each case.
  lazy var likeliest: [Int32] = cases.eachRow { _, row in Int32(RowGoal.likeliest(row)) }

  /// The number that is predicted for each case.
  lazy var numbers: [Double] = cases.eachRow { goal, row in goal.number(row) }

  /// The mean over all cases of a value of each.
  func mean(of value: (Int) -> Double) -> MeanFigure {
    MeanFigure(users: cases.users, userCount: cases.userCount, of: value)
  }
}
