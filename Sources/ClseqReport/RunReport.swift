public import ClseqData
public import ClseqInference
import ClseqMetrics
public import ClseqRuns
import ClseqRuntime
public import ClseqSettings
import Foundation

/// The content of the page about a run.
public struct RunReport {
  /// The scores of the best checkpoint, computed again on the run's log.
  struct Scoring {
    /// By name, in the order in which they are shown.
    var scores: [(name: String, value: Double)]
    /// The bounds of 95 % intervals by name, for the scores that have one.
    var intervals: [String: [Double]] = [:]
    /// The scores of baselines.
    var others: [(title: String, scores: [String: Double])]
    /// Thresholds and curves of a yes or a no; nil of other tasks.
    var yesNo: YesNoCurves?
    /// A figure by groups: the title of the grouping, the figure's name, and the groups.
    var groups: [(title: String, metric: String, rows: [EvaluationSummary.Group])] = []
  }

  /// The name of the run directory.
  let name: String
  let settings: TrainingSettings
  /// The text of `config.yaml`.
  let config: String
  let passport: Passport
  /// The trained epochs; a baseline has none.
  let epochs: [EpochMetrics]
  let bestEpoch: Int?
  /// Which targets were scored.
  let part: Split.Part
  /// Nil if the run cannot be scored.
  let scoring: Scoring?
  /// The reason why the run cannot be scored.
  public let obstacle: String?

  /// Reads the run directory, and scores the run if its log, its checkpoint and the device are available.
  ///
  /// - Parameters:
  ///   - layout: The run directory.
  ///   - settings: The settings.
  ///   - part: The targets to score.
  ///   - open: Opens the run for scoring, as `ScoredRun.init` does.
  /// - Throws: Errors of reading the directory; errors of `open` and of scoring, unless the log,
  ///   the device or the checkpoint is missing.
  public init(
    _ layout: RunLayout, _ settings: TrainingSettings, _ part: Split.Part,
    opening open: () throws -> ScoredRun
  ) throws {
    name = URL(fileURLWithPath: layout.path).standardizedFileURL.lastPathComponent
    self.settings = settings
    self.part = part
    config = try layout.configText()
    passport = try layout.passport()
    epochs = try layout.epochs()
    bestEpoch = try layout.bestEpoch()
    do {
      scoring = try Self.scoring(layout, settings, part, of: open())
      obstacle = nil
    } catch let error where Self.isAbsence(error) {
      scoring = nil
      obstacle = "\(error)"
    }
  }

  private static func scoring(
    _ layout: RunLayout, _ settings: TrainingSettings, _ part: Split.Part, of run: ScoredRun
  ) throws -> Scoring {
    let cases = try run.cases(of: part)
    let summary = EvaluationSummary(
      run: layout.path, split: part.rawValue, cases: cases, passport: run.passport,
      seed: settings.seed)
    return Scoring(
      scores: summary.scoreNames.map { ($0, summary.scores[$0] ?? .nan) },
      intervals: summary.intervals,
      others: try OtherRankers.scores(settings, run.split, part, neighbours: run.neighbours),
      yesNo: summary.yesNo, groups: try groups(cases, run.split, settings))
  }

  /// The deciding figure of the first task by history and, for a task that ranks items, by popularity.
  private static func groups(
    _ cases: [ScoredCases], _ split: Split, _ settings: TrainingSettings
  ) throws -> [(title: String, metric: String, rows: [EvaluationSummary.Group])] {
    guard let first = cases.first else { return [] }
    var groupings: [(String, UserGrouping)] = [("events before", .history)]
    if settings.targetRule?.subject != .user {
      groupings.append(("training events of the item", .popularity))
    }
    return try groupings.map { title, grouping in
      let rows = try grouping.groups(
        first.decidingName, of: first, split, seed: settings.seed)
      return (title, first.decidingName, rows)
    }
  }

  /// Whether an error says that something is missing, or differs from the run's training data.
  private static func isAbsence(_ error: any Error) -> Bool {
    switch error {
    case is DataError, is ChangedRun: true
    case RunDirectoryError.noCheckpoint, OpenCLError.noDevice: true
    case SettingsError.doNotFit: true
    default: false
    }
  }
}
