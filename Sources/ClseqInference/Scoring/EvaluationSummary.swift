public import ClseqData
public import ClseqMetrics
public import ClseqRuns
public import ClseqSettings

/// The result of `clseq evaluate`, with the scores under the name of their split.
public struct EvaluationSummary: Encodable, Sendable {
  /// Path of the run directory.
  public var run: String
  /// `validation` or `test`.
  public var split: String
  /// Scores by name (`NDCG@10`).
  public var scores: [String: Double]
  /// The protocol of the scores.
  public var passport: Passport
  /// Where each score would lie on other users like these, with 95 % confidence: lower and upper
  /// bound.
  public var intervals: [String: [Double]] = [:]
  /// The scores of groups of users, if requested.
  public var groups: [Group]?
  /// The metric of the groups, such as `NDCG@10`.
  public var groupMetric: String?
  /// Thresholds, curves and deciles of a yes or a no; nil of other tasks.
  public var yesNo: YesNoCurves?
  /// Scores of simple answers to the same cases, by their title, in the order of columns.
  public var neighbours: [(title: String, scores: [String: Double])] = []

  /// The names of the scores in the order in which they are shown.
  public var scoreNames: [String] = []

  /// A figure of some of the users.
  public struct Group: Encodable, Equatable, Sendable {
    /// The name of the group.
    public let group: String
    /// Users in it.
    public let users: Int
    /// Cases of theirs: events with a target, or one per user.
    public let cases: Int
    /// Their figure; not a number where it is not defined for them.
    public let value: Double
    /// The bounds of its 95 % interval, if it has one.
    public let interval: [Double]?
  }

  /// A summary from all its fields.
  public init(run: String, split: String, scores: [String: Double], passport: Passport) {
    self.run = run
    self.split = split
    self.scores = scores
    self.passport = passport
  }

  /// Encodes `run`, the split's name with its scores, and `passport`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(run, forKey: Key(stringValue: "run"))
    try container.encode(scores, forKey: Key(stringValue: split))
    try container.encode(intervals, forKey: Key(stringValue: "intervals"))
    try container.encodeIfPresent(groups, forKey: Key(stringValue: "groups"))
    try container.encodeIfPresent(groupMetric, forKey: Key(stringValue: "group_metric"))
    try container.encodeIfPresent(yesNo, forKey: Key(stringValue: "yes_no"))
    if !neighbours.isEmpty {
      let byTitle = Dictionary(neighbours.map { ($0.title, $0.scores) }) { first, _ in first }
      try container.encode(byTitle, forKey: Key(stringValue: "neighbours"))
    }
    try container.encode(passport, forKey: Key(stringValue: "passport"))
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension EvaluationSummary {
  /// The figures of cases and their intervals, by bootstrap over users.
  ///
  /// - Parameters:
  ///   - run: The path of the run.
  ///   - split: The part, such as `test`.
  ///   - cases: One set for each task of the run.
  ///   - passport: The protocol of the scores.
  ///   - seed: Where the draws follow from.
  public init(
    run: String, split: String, cases: [ScoredCases], passport: Passport, seed: UInt64
  ) {
    self.init(run: run, split: split, scores: [:], passport: passport)
    for cases in cases {
      let figures = cases.figures
      let bootstrap = Bootstrap(seed: seed, caseCount: cases.count)
      let bounds = bootstrap.intervals(of: figures.map(\.figure))
      for (figure, interval) in zip(figures, bounds) {
        scoreNames.append(figure.name)
        scores[figure.name] = figure.figure.value ?? .nan
        intervals[figure.name] = interval.map { [$0.lower, $0.upper] }
      }
    }
    if cases.count == 1 { yesNo = cases[0].orderedCases.flatMap { YesNoCurves($0) } }
  }

  /// Adds a figure by groups, of the cases that have it.
  ///
  /// - Parameters:
  ///   - grouping: The grouping of cases.
  ///   - figure: Its name; nil for the one that decides.
  ///   - cases: One set for each task of the run.
  ///   - split: The part, such as `test`.
  ///   - seed: The seed of the draws.
  /// - Throws: `SettingsError/doNotFit(_:)` for groups that the data has not, and for a figure that
  ///   no cases have.
  public mutating func addGroups(
    _ grouping: UserGrouping, figure: String?, of cases: [ScoredCases], _ split: Split,
    _ seed: UInt64
  ) throws(SettingsError) {
    guard let first = cases.first else { return }
    let name = figure ?? first.decidingName
    let owner = cases.first { $0.figure(named: name) != nil } ?? first
    groups = try grouping.groups(name, of: owner, split, seed: seed)
    groupMetric = owner.figure(named: name)?.name
  }
}
