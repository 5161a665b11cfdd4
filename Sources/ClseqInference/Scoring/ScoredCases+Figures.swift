public import ClseqMetrics
public import ClseqRuns
import Foundation

/// A figure of cases under its name in tables.
public struct NamedFigure: Sendable {
  /// Such as `NDCG@10` or `return concordance`.
  public let name: String
  /// What is computed.
  public let figure: any UserFigure

  init(_ name: String, _ figure: any UserFigure) {
    (self.name, self.figure) = (name, figure)
  }
}

extension ScoredCases {
  /// The figures of a table, the one that decides first.
  public var figures: [NamedFigure] {
    let figures: [NamedFigure] =
      switch answers {
      case .ranks(let ranks, _):
        RankingMetrics.metrics.flatMap { type in
          RankingMetrics.cutoffs.map { ranking(type.init(at: $0), ranks) }
        }
      case .rows(_, _, .yes(let labels)): yesOrNo(labels)
      case .rows(let goal, let outputs, .classes(let classes)): ofClasses(goal, outputs, classes)
      case .rows(let goal, let outputs, .numbers(let numbers)):
        ofNumbers(goal, outputs, numbers)
      case .rows(let goal, let outputs, .durations(let durations, let observed)):
        [
          NamedFigure(
            ConcordanceIndex.name,
            ConcordanceIndex(
              durations: durations, observed: observed,
              predictions: predictions(goal, outputs) { goal.number($0) }, users: users,
              userCount: userCount))
        ]
      }
    return figures.map { NamedFigure(prefix + $0.name, $0.figure) }
  }

  /// A figure by its name with or without the part's; of rankings at any cutoff. Nil for one that
  /// these cases have not.
  public func figure(named name: String) -> NamedFigure? {
    let bare = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    if case .ranks(let ranks, _) = answers {
      return RankingMetrics.metric(named: bare).map {
        let found = ranking($0, ranks)
        return NamedFigure(prefix + found.name, found.figure)
      }
    }
    return figures.first { $0.name == prefix + bare }
  }

  /// The name of the figure that decides: NDCG@10 of rankings, else the first.
  public var decidingName: String {
    if case .ranks = answers { return prefix + NDCG(at: 10).title }
    return figures.first?.name ?? prefix
  }

  /// The names of figures, as a message lists them.
  var expectedNames: String {
    guard case .ranks = answers else { return figures.map(\.name).joined(separator: ", ") }
    return RankingMetrics.metrics.map { "\(prefix)\($0.name)@10" }.joined(separator: ", ")
      + " and other cutoffs"
  }

  /// The probability of a yes for each case; nil where cases are not a yes or a no.
  var yesProbabilities: [Double]? {
    yesLogits.map { $0.map(RowGoal.sigmoid) }
  }

  /// Whether each case is a yes, or of the second of two classes; nil where that has no meaning.
  var yesLabels: [Bool]? {
    guard case .rows(let goal, _, let truths) = answers, goal.isYesOrNo else { return nil }
    switch truths {
    case .yes(let labels): return labels
    case .classes(let classes): return classes.map { $0 == 1 }
    case .numbers, .durations: return nil
    }
  }

  /// The cases in the order of their probability of a yes; nil as for ``yesProbabilities``.
  var orderedCases: OrderedCases? {
    guard let scores = yesProbabilities, let labels = yesLabels else { return nil }
    return OrderedCases(scores: scores, labels: labels, users: users, userCount: userCount)
  }

  private func ranking(_ metric: any RankingMetric, _ ranks: [Int]) -> NamedFigure {
    var mark = ""
    if case .ranks(_, let text?) = answers { mark = " \(text)" }
    return NamedFigure(metric.title + mark, RankFigure(metric, ranks: ranks))
  }

  private func predictions<Value>(
    _ goal: RowGoal, _ outputs: [Float], of value: (ArraySlice<Float>) -> Value
  ) -> [Value] {
    let width = goal.outputCount
    return (0..<count).map { value(outputs[$0 * width..<($0 + 1) * width]) }
  }

  private func mean(of value: (Int) -> Double) -> MeanFigure {
    MeanFigure(users: users, userCount: userCount, of: value)
  }

  private func yesOrNo(_ labels: [Bool]) -> [NamedFigure] {
    guard let scores = yesProbabilities else { return [] }
    let ordered = OrderedCases(scores: scores, labels: labels, users: users, userCount: userCount)
    var figures = [NamedFigure(AUC.name, AUC().figure(of: ordered))]
    if subject == .event {
      let grouped = GAUC(scores: scores, labels: labels, users: users, userCount: userCount)
      figures.append(NamedFigure(GAUC.name, grouped))
    }
    let calibration = CalibrationError()
    return figures + [
      NamedFigure(AveragePrecision.name, AveragePrecision().figure(of: ordered)),
      NamedFigure(LogLoss.name, mean { LogLoss.cost(labels[$0], scores[$0]) }),
      NamedFigure(calibration.title, calibration.figure(of: ordered)),
      NamedFigure(Accuracy.name, mean { (scores[$0] >= 0.5) == labels[$0] ? 1 : 0 }),
    ]
  }

  private func ofClasses(
    _ goal: RowGoal, _ outputs: [Float], _ labels: [Int32]
  ) -> [NamedFigure] {
    let classes = predictions(goal, outputs) { Int32(RowGoal.likeliest($0)) }
    let width = goal.outputCount
    let figures = [
      NamedFigure(Accuracy.name, mean { classes[$0] == labels[$0] ? 1 : 0 }),
      NamedFigure(
        ClassF1.name,
        ClassF1(
          labels: labels, predictions: classes, classCount: width, users: users,
          userCount: userCount)),
      NamedFigure(
        LogLoss.name,
        mean { place in
          let row = outputs[place * width..<(place + 1) * width]
          return -log(max(goal.probabilities(row)[Int(labels[place])], 1e-300))
        }),
    ]
    guard let ordered = orderedCases else { return figures }
    return figures + [
      NamedFigure(AUC.name, AUC().figure(of: ordered)),
      NamedFigure(AveragePrecision.name, AveragePrecision().figure(of: ordered)),
    ]
  }

  private func ofNumbers(
    _ goal: RowGoal, _ outputs: [Float], _ targets: [Double]
  ) -> [NamedFigure] {
    let width = goal.outputCount
    func error(_ place: Int) -> Double {
      goal.number(outputs[place * width..<(place + 1) * width]) - targets[place]
    }
    let figures = [
      NamedFigure(RMSE.name, RMSE().figure(users: users, userCount: userCount, of: error)),
      NamedFigure(MAE.name, MAE().figure(users: users, userCount: userCount, of: error)),
    ]
    return goal.selection.name == MAE.name ? figures.reversed() : figures
  }
}

extension TaskScores {
  /// The figures of all cases of a run.
  public init(_ cases: [ScoredCases]) {
    self.init()
    for figure in cases.flatMap(\.figures) { append(figure.name, figure.figure.value) }
  }
}
