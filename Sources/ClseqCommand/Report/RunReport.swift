import Clseq
import ClseqTraining
import Foundation

/// All that a page about a run tells.
struct RunReport {
  /// The scores of the best checkpoint, made anew on the run's log.
  struct Scoring {
    /// By name, in the order in which they are shown.
    var scores: [(name: String, value: Double)]
    /// The bounds of 95 % intervals by name, as far as there are any.
    var intervals: [String: [Double]] = [:]
    /// What needs no training.
    var others: [(title: String, scores: [String: Double])]
    /// A metric by groups of users: what they are grouped by, and the groups.
    var groups: [(title: String, rows: [EvaluationSummary.Group])] = []
  }

  /// The metric of groups.
  static let groupMetric = NDCG(at: 10)

  /// The name of the run directory.
  let name: String
  let settings: TrainingSettings
  /// The text of `config.yaml`.
  let config: String
  let passport: Passport
  /// The epochs that were trained; none of a baseline.
  let epochs: [EpochMetrics]
  let bestEpoch: Int?
  /// Which targets were scored.
  let part: Split.Part
  /// Nil where the run cannot be scored.
  let scoring: Scoring?
  /// Why it cannot.
  let obstacle: String?

  /// Reads what the run directory holds, and scores the run as far as its log is at hand.
  ///
  /// - Throws: What reading the directory can throw; what scoring can throw, but where the log, the
  ///   device or the checkpoint is not there at all.
  init(_ layout: RunLayout, _ settings: TrainingSettings, _ part: Split.Part) throws {
    name = URL(fileURLWithPath: layout.path).standardizedFileURL.lastPathComponent
    self.settings = settings
    self.part = part
    config = try layout.configText()
    passport = try layout.passport()
    epochs = try layout.epochs()
    bestEpoch = try layout.bestEpoch()
    do {
      scoring = try Self.scoring(layout, settings, part)
      obstacle = nil
    } catch let error where Self.isAbsence(error) {
      scoring = nil
      obstacle = "\(error)"
    }
  }

  private static func scoring(
    _ layout: RunLayout, _ settings: TrainingSettings, _ part: Split.Part
  ) throws -> Scoring {
    let run = try ScoredRun(
      settings, layout, dataset: settings.loadDataset(), isOther: false)
    if let taskScores = run.taskScores {
      let constant = run.constantScores(part)
      return Scoring(
        scores: try taskScores(part).entries.map { ($0.name, $0.value) },
        others: OtherRankers.answers(beside: constant, settings, part))
    }
    let ranks = try run.ranks(of: part)
    let metrics = RankingMetrics(ranks: ranks)
    var summary = EvaluationSummary(
      run: layout.path, split: part.rawValue, scores: metrics.dictionary, passport: run.passport)
    summary.addIntervals(of: ranks, seed: settings.seed)
    let groupings: [(String, UserGrouping)] = [
      ("events before the target", .history), ("training events of the target", .popularity),
    ]
    return Scoring(
      scores: Array(zip(metrics.names, metrics.values)), intervals: summary.intervals,
      others: try OtherRankers.rankers(settings, run.split, part),
      groups: try groupings.map { title, grouping in
        let rows = try grouping.groups(
          groupMetric, of: ranks, run.split, part, seed: settings.seed)
        return (title, rows)
      })
  }

  /// Whether an error says that something is not at hand, or not what the run was trained on.
  private static func isAbsence(_ error: any Error) -> Bool {
    switch error {
    case is DataError, is ChangedRun: true
    case RunDirectoryError.noCheckpoint, OpenCLError.noDevice: true
    case SettingsError.doNotFit: true
    default: false
    }
  }
}
