import Clseq

/// A finished run, ready to be scored on the log it was trained on.
struct ScoredRun {
  let settings: TrainingSettings
  let passport: Passport
  let split: Split
  private let scored: (Split.Part) throws -> [Int]
  /// The figures of a task other than the ranking of items; nil for that.
  let taskScores: ((Split.Part) throws -> TaskScores)?
  /// The figures of one answer for everyone, for such a task.
  let constantScores: (Split.Part) -> TaskScores

  /// Opens a run, and its best checkpoint where it has any.
  ///
  /// - Parameter seen: Whether seen items are candidates; nil for the run's own rule.
  /// - Throws: What opening the log, the device and the checkpoint can throw, and
  ///   `ChangedRun` where the log is not the one of the run.
  init(
    _ layout: RunLayout, _ resolution: SettingResolution, options: [(key: String, text: String)],
    seen: SeenRule? = nil
  ) throws {
    var settings = try resolution.finished(layout, options: options)
    if let seen { settings.seen = SeenChoice(seen) }
    try self.init(settings, layout, dataset: settings.readDataset(), isOther: false)
  }

  /// The same on a dataset.
  ///
  /// - Parameters:
  ///   - isOther: Whether it is another log, with the run's items under the run's indices.
  ///   - sampler: Draws the items that a target is ranked among; nil for all.
  init(
    _ settings: TrainingSettings, _ layout: RunLayout, dataset: SequenceDataset, isOther: Bool,
    sampler: NegativeSampler? = nil
  ) throws {
    let saved = try layout.passport()
    var settings = settings
    // What auto chose for the run holds, also on another log.
    if settings.seen == .auto, let rule = saved.seenRule { settings.seen = SeenChoice(rule) }
    self.settings = settings
    if !isOther { try layout.requireBuiltInLog(dataset, settings) }
    let full = try settings.taskSplit(dataset)
    let split = sampler.map(full.ranked) ?? full
    self.split = split
    // Among which items targets are ranked may be asked for anew, the rest is the run's.
    func checked(_ passport: Passport) throws -> Passport {
      var expected = saved
      (expected.ranking, expected.seen) = (passport.ranking, passport.seen)
      if !isOther { try passport.requireUnchanged(since: expected, of: layout.path) }
      var passport = passport
      if passport.ranking != "none" { passport.ranking = split.ranking }
      return passport
    }
    switch settings.model {
    case .baseline(let baseline):
      let run = BaselineRun(baseline, settings, split: split)
      passport = try checked(run.passport)
      scored = run.ranks
      taskScores = nil
      constantScores = { _ in TaskScores() }
    case .network:
      let checkpoint = try layout.verifiedBest()
      let trainer = try Trainer(settings, split: full, on: settings.openToldBackend())
      let progress = ProgressReport(settings)
      passport = try checked(trainer.passport)
      if !isOther { try trainer.requireTask(of: layout) }
      try trainer.load(checkpoint)
      taskScores =
        settings.task == .nextItem
        ? nil : { try trainer.scores(of: $0, progress: progress.handler) }
      constantScores = trainer.constantScores
      let evaluator = trainer.evaluator(of: split, progress: progress.handler)
      scored = evaluator.ranks
    }
  }

  /// The rank of each user's target, in the order of ``Split/users(of:)``; then the misses.
  ///
  /// - Throws: `SettingsError` for a run that was not trained to rank items alone.
  func ranks(of part: Split.Part) throws -> [Int] {
    guard taskScores == nil else {
      throw SettingsError.doNotFit(
        "the run was trained for the task \(settings.task.rawValue), and ranks no items")
    }
    return try scored(part)
  }
}
