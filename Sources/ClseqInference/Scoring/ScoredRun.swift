public import ClseqBase
public import ClseqData
public import ClseqMetrics
public import ClseqOps
public import ClseqRuns
public import ClseqSettings

/// A finished run, ready to be scored.
///
/// ```swift
/// let layout = try RunLayout.existing(at: "runs/shop")
/// let settings = try layout.settings()
/// let run = try ScoredRun(
///   layout, settings, dataset: try settings.loadDataset(), on: settings.openBackend)
/// let summary = EvaluationSummary(
///   run: layout.path, split: "test", cases: try run.cases(of: .test), passport: run.passport,
///   seed: settings.seed)
/// ```
public struct ScoredRun {
  /// The settings of the run.
  public let settings: TrainingSettings
  /// What the scores depend on.
  public let passport: Passport
  /// The split that the run is scored on.
  public let split: Split
  /// The name of the checkpoint that is scored; nil of a baseline.
  public let checkpoint: String?
  /// How large the model is; nil of a baseline.
  public let size: ModelSize?
  private let scored: (Split.Part) throws -> [ScoredCases]
  private let generated: (Split.Part, Int) throws -> GenerationCases
  private let beside: (Split.Part) -> [Neighbour]

  /// Opens a run, and its best checkpoint where it has any.
  ///
  /// - Parameters:
  ///   - layout: The run directory.
  ///   - settings: The settings.
  ///   - dataset: The dataset.
  ///   - isOther: Whether the dataset is another log than the run's own, with the run's items under the
  ///     run's indices.
  ///   - sampler: Draws the items that a target is ranked among; nil for all.
  ///   - progress: Receives the progress of scoring.
  ///   - openBackend: Opens the device; a baseline needs none.
  /// - Throws: What opening the device and the checkpoint can throw, `PassportMismatch` where the
  /// log is
  ///   not the one of the run, and `SettingsError` for sampled items of a run that ranks none.
  public init(
    _ layout: RunLayout, _ settings: TrainingSettings, dataset: SequenceDataset,
    isOther: Bool = false, sampler: NegativeSampler? = nil,
    progress: @escaping ProgressHandler = { _ in }, on openBackend: () throws -> Backend
  ) throws {
    guard sampler == nil || settings.task.answer == .ranking else {
      throw SettingsError.doNotFit(
        "sampled negatives are of rankings, and the run was trained for the task "
          + "\(settings.task.rawValue)")
    }
    let saved = try layout.passport()
    var settings = settings
    // What auto chose for the run holds, also on another log.
    if settings.seen == .auto, let rule = saved.seenRule { settings.seen = SeenChoice(rule) }
    self.settings = settings
    if !isOther { try layout.requireBuiltInLog(dataset, settings) }
    let full = try settings.taskSplit(dataset)
    let split = sampler.map(full.ranked) ?? full
    self.split = split
    // The candidates of the ranking may differ from the run's, everything else may not.
    func checked(_ passport: Passport) throws -> Passport {
      var expected = saved
      (expected.ranking, expected.seen) = (passport.ranking, passport.seen)
      if !isOther { try passport.requireUnchanged(since: expected, of: layout.path) }
      var passport = passport
      if passport.ranking != "none" { passport.ranking = split.ranking }
      passport.startedFrom = saved.startedFrom
      (passport.base, passport.teacher) = (saved.base, saved.teacher)
      return passport
    }
    func ranked(_ ranks: [Int], _ part: Split.Part) -> [ScoredCases] {
      let mark = sampler.map { SampledRanks([], by: $0).mark }
      return [ScoredCases(ranks: ranks, of: split, part, mark: mark)]
    }
    switch settings.model {
    case .baseline(let baseline):
      (checkpoint, size) = (nil, nil)
      let run = BaselineRun(baseline, settings, split: split)
      passport = try checked(run.passport)
      scored = { ranked(run.ranks(of: $0), $0) }
      generated = { [settings] _, stepCount in
        try settings.requireGeneration(stepCount: stepCount)
        preconditionFailure("ScoredRun: a baseline generates nothing")
      }
      beside = { _ in [] }
    case .network:
      let backend = try openBackend()
      // A run that went on has the statistics of the one before it.
      let earlier = settings.continueFrom.isEmpty ? nil : try layout.task()
      let plan = try TaskPlan(settings, split: full, goingOnFrom: earlier)
      passport = try checked(plan.passport(on: backend))
      if !isOther { try layout.requireTask(plan.description) }
      let model = try LoadedModel(
        layout, settings, plan.description, try settings.configuration(plan.inputs),
        on: backend)
      (checkpoint, size) = (model.checkpoint, model.size)
      let scoring = plan.scoring(model.heads)
      var runner = model.runner(plan.inputs)
      runner.progress = progress
      scored = { [runner] part in
        plan.settings.task.answer == .ranking
          ? ranked(try Evaluator(runner, split: split).ranks(of: part), part)
          : try scoring.cases(of: part, by: runner)
      }
      generated = { [settings, runner] part, stepCount in
        try settings.requireGeneration(stepCount: stepCount)
        return try GenerationEvaluation(
          runner: runner, split: split,
          types: TypeHead(model.heads.targets, plan.description)
        ).cases(of: part, stepCount: stepCount)
      }
      beside = scoring.neighbours
    }
  }

  /// The answers to the cases of a part: one set for each task of the run.
  public func cases(of part: Split.Part) throws -> [ScoredCases] { try scored(part) }

  /// The events that the model generates for users of a part, the likeliest of each step, beside the true ones.
  ///
  /// - Parameters:
  ///   - part: The part.
  ///   - stepCount: Events of each user; users with fewer in the part are left out.
  /// - Throws: `SettingsError/doNotFit(_:)` for a run that generates none or fewer, and where no user has so many
  ///   events; what scoring can throw.
  public func generationCases(of part: Split.Part, stepCount: Int) throws -> GenerationCases {
    try generated(part, stepCount)
  }

  /// Fits a correction of probabilities on the validation part.
  ///
  /// - Throws: `SettingsError/doNotFit(_:)` for runs that say no yes or no; what scoring can throw.
  public func calibration(_ method: Recalibration.Method) throws -> RunCalibration {
    try RunCalibration(
      method, cases: try cases(of: .validation), of: .validation, checkpoint: checkpoint ?? "")
  }

  /// Simple answers to the same cases, for tasks other than the ranking of items.
  public func neighbours(of part: Split.Part) -> [Neighbour] { beside(part) }
}
