import ClseqBase
import ClseqData
import ClseqInference
import ClseqModels
import ClseqNN
import ClseqOps
import ClseqRuns
import ClseqSettings

extension Trainer {
  /// Begins with the parameters of the run of `TrainingSettings.startFrom`, or with parameters and moments of
  /// that of `TrainingSettings.continueFrom`, once; a run that is prepared
  /// anew does so itself.
  ///
  /// - Returns: what was taken; nil where no run is named.
  /// - Throws: `SettingsError.doNotFit` for a run of another model or shape; `RunDirectoryError`,
  ///   `CheckpointError`, `ParameterFileError`, `AdapterBaseError` and `DataError` for an incomplete or damaged
  ///   one.
  @discardableResult
  public func takeStart() throws -> StartReport? {
    let isContinued = !settings.continueFrom.isEmpty
    guard start == nil, isContinued || !settings.startFrom.isEmpty else { return start }
    let point = try Self.startingPoint(settings, job)
    if isContinued { try point.requireExtended(by: job.split.dataset) }
    let taken = try point.load(into: store)
    let takesMoments = isContinued && point.run.settings.optimizer == settings.optimizer
    if takesMoments { try point.loadMoments(of: taken, into: store) }
    start = report(of: point, taken, hasMoments: takesMoments)
    state.earlierSteps = start?.steps ?? 0
    passport.startedFrom = try point.run.layout.lineage(to: point.checkpoint)
    if settings.hasAdapters {
      passport.base = try AdapterBase(point.checkpoint, of: point.run.layout)
    }
    return start
  }

  /// The run that the settings name to start from, for a model.
  static func startingPoint(
    _ settings: TrainingSettings, _ job: TrainingJob
  ) throws -> StartingPoint {
    let isContinued = !settings.continueFrom.isEmpty
    return try StartingPoint(
      RunLayout.existing(at: isContinued ? settings.continueFrom : settings.startFrom),
      for: target(settings, job), takesMoments: isContinued)
  }

  private static func target(
    _ settings: TrainingSettings, _ job: TrainingJob
  ) -> StartingPoint.Target {
    .init(job.model, job.description, job.split.dataset.vocabulary, settings)
  }

  /// Loads the weights that a run's adapters were begun with.
  ///
  /// - Throws: `AdapterBaseError` where they are gone or have changed.
  func takeBase(of layout: RunLayout) throws {
    let base = try AdapterBase.found(of: layout, settings)
    try StartingPoint(base.layout, base.checkpoint, for: Self.target(settings, job))
      .load(into: store)
  }

  private func report(
    of point: StartingPoint, _ taken: StartingPoint.Taken, hasMoments: Bool
  ) -> StartReport {
    let trained = store.parameters.filter(\.isTrained)
    var report = StartReport(
      run: point.run.layout.path, checkpoint: point.checkpoint.name, itemCount: model.itemCount,
      knownItemCount: point.knownItemCount, taken: taken.taken,
      new: taken.new.filter { !LowRankAdapter.isPart($0) },
      steps: hasMoments
        ? TrainingState(in: point.checkpoint).map { $0.earlierSteps + $0.step } : nil,
      frozen: store.parameters.filter { !$0.isTrained }.map(\.name).filter(taken.new.contains))
    report.pruned = point.pruned
    if let adaptation = settings.adaptation {
      report.adapters = .init(
        rank: adaptation.rank, trainedCount: trained.reduce(0) { $0 + $1.count },
        valueCount: store.count,
        others: trained.map(\.name).filter { !LowRankAdapter.isPart($0) })
    }
    return report
  }

  /// Which sequences a run that goes on trains on; nil for all.
  ///
  /// - Throws: `SettingsError.doNotFit` where none has a new event.
  static func replay(_ settings: TrainingSettings, _ job: TrainingJob) throws -> Replay? {
    guard !settings.continueFrom.isEmpty else { return nil }
    let replay = Replay(
      job.task.examples, of: job.split.dataset, share: settings.replay,
      targetsFollow: settings.ranksItems && job.model.maskItem == nil)
    guard replay?.newCount != 0 else {
      let start = job.split.starts[.validation].map { " (\(TimeText.iso8601($0)))" } ?? ""
      throw SettingsError.doNotFit(
        "no new event of \(job.split.dataset.source.name) is for training: with --split-by time they must "
          + "lie before --validation-from\(start)")
    }
    return replay
  }
}

extension StartingPoint {
  /// Checks that a dataset extends the log that the run was trained on.
  ///
  /// - Throws: `DataError.unfit` for another log.
  func requireExtended(by dataset: SequenceDataset) throws {
    guard let extent = dataset.source.reading?.extends else { return }
    let (saved, now) = (
      try run.layout.passport().dataHash, DataSource.hash(ofLogs: extent.earlier.map(\.hash))
    )
    guard saved != now else { return }
    throw DataError.unfit(
      path: extent.earlier.map(\.name).joined(separator: ", "),
      what: "it has changed since \(run.layout.path) was trained on it: its hash is \(now)",
      expected: "\(saved); --extends names where the old log is, and --start-from takes the run's "
        + "parameters on any log")
  }
}
