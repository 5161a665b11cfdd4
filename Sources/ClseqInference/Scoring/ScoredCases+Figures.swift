public import ClseqMetrics
public import ClseqRuns

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
    if case .sequences(let answers) = answers {
      return answers.figures(userCount: userCount).map { NamedFigure(prefix + $0.name, $0.figure) }
    }
    let metrics: [CaseMetric] =
      switch answers {
      case .ranks: MetricCatalog.ranking
      case .rows(_, _, .yes): MetricCatalog.yesOrNo
      case .rows(let goal, _, .classes):
        goal.isYesOrNo ? MetricCatalog.twoClasses : MetricCatalog.classes
      case .rows(let goal, _, .numbers):
        goal.selection.name == MAE.name ? MetricCatalog.numbers.reversed() : MetricCatalog.numbers
      case .rows(_, _, .durations): MetricCatalog.durations
      case .sequences: []
      }
    let answers = CaseAnswers(self)
    return metrics.flatMap { $0.figures(answers) }.map {
      NamedFigure(prefix + $0.name, $0.figure)
    }
  }

  /// A figure by its name with or without the part's; of rankings at any cutoff. Nil for one that
  /// these cases have not.
  public func figure(named name: String) -> NamedFigure? {
    let bare = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    if case .ranks(let ranks, _) = answers, let metric = RankingMetrics.metric(named: bare) {
      let found = ranking(metric, ranks)
      return NamedFigure(prefix + found.name, found.figure)
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

  /// A metric of ranks, marked where these are among sampled items.
  func ranking(_ metric: any RankingMetric, _ ranks: [Int]) -> NamedFigure {
    var mark = ""
    if case .ranks(_, let text?) = answers { mark = " \(text)" }
    return NamedFigure(metric.title + mark, RankFigure(metric, ranks: ranks))
  }

  /// A value of each case's outputs; empty for rankings.
  func eachRow<Value>(_ value: (RowGoal, ArraySlice<Float>) -> Value) -> [Value] {
    guard case .rows(let goal, let outputs, _) = answers else { return [] }
    let width = goal.outputCount
    return (0..<count).map { value(goal, outputs[$0 * width..<($0 + 1) * width]) }
  }
}

extension TaskScores {
  /// The figures of all cases of a run.
  public init(_ cases: [ScoredCases]) {
    self.init()
    for figure in cases.flatMap(\.figures) { append(figure.name, figure.figure.value) }
  }
}
