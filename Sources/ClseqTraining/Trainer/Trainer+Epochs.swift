import ClseqBase
import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps
public import ClseqRuns
import ClseqRuntime
import ClseqSettings

extension Trainer {
  /// Trains until the epochs, the patience or the time are used up, then scores the best epoch.
  ///
  /// Where the time ends an epoch early, what it has reached is scored and may be the best; the run
  /// gives the same results when it is resumed from there.
  ///
  /// - Parameters:
  ///   - run: becomes this run's own, whole directory: settings, task, vocabulary and passport,
  ///     checkpoints, logs and, in the end, the summary. Without one the best parameters are kept
  ///     in memory.
  ///   - progress: shows a line or a bar.
  ///   - isInterrupted: called after every step, and between the batches of an evaluation.
  /// - Throws: `TrainingInterrupted` after a checkpoint was written, and as ``prepare(_:)``.
  public func train(
    in run: RunDirectory? = nil, progress: ProgressReport,
    isInterrupted: @escaping () -> Bool = { false }
  ) throws -> TrainingSummary {
    self.isInterrupted = isInterrupted
    defer { self.isInterrupted = { false } }
    if let run, preparedPath != run.path { try prepare(run) }
    if run == nil { try takeStart() }
    epochForecast = EpochForecast(
      measuring: 10 - EpochForecast.warmUpSteps, epochEvents: sampler.trainingEventCount)
    var archive = CheckpointArchive(
      run, keeping: settings.keepCheckpoints, every: settings.checkpointEvery, step: state.step)
    let log = try run.map { try RunLog($0, settings, from: state.firstUnloggedStep) }
    do {
      try trainEpochs(&archive, log, progress: progress)
    } catch is RunInterrupted {
      try archive.save(self)
      throw TrainingInterrupted(run: run?.path)
    }
    try archive.restoreBest(into: self)
    do {
      let summary = try report(
        run, best: archive.bestEpoch ?? state.stopping.bestEpoch ?? 0, progress)
      try log?.finish(summary, step: state.step)
      try run?.setSummary(summary)
      return summary
    } catch is RunInterrupted {
      throw TrainingInterrupted(run: run?.path)
    }
  }

  private func trainEpochs(
    _ archive: inout CheckpointArchive, _ log: RunLog?, progress: ProgressReport
  ) throws {
    while state.epoch <= settings.epochs, !state.stopping.shouldStop {
      let isWhole = try trainEpoch(&archive, progress: progress)
      let validation = try scores(of: .validation, progress: progress.handler)
      try isWhole
        ? finishEpoch(validation, log, &archive, progress)
        : keepCutEpoch(validation, log, &archive, progress)
      if isOutOfTime { break }
    }
    progress.note(stopReason)
  }

  /// Why training has ended.
  private var stopReason: String {
    if isOutOfTime { return "stopped after --max-time (\(DurationText.text(settings.maxTime)))" }
    return state.stopping.shouldStop
      ? "stopped: no new best in \(settings.patience) epochs (--patience)"
      : "stopped: all \(settings.epochs) epochs are done (--epochs)"
  }

  /// Trains what is left of the epoch in progress. Returns false where the time ended it.
  private func trainEpoch(
    _ archive: inout CheckpointArchive, progress: ProgressReport
  ) throws -> Bool {
    let batches = sampler.batches(epoch: state.epoch - 1)
    try reserveMemory()
    progress.begin("epoch \(state.epoch)", totalEvents: sampler.trainingEventCount)
    progress.advance(events: state.eventCount, loss: state.meanLoss)
    defer {
      progress.end()
      epochForecast = nil
    }
    let elapsedBefore = state.elapsedSeconds
    let clock = ContinuousClock.now
    func finishSteps() throws {
      try takeLosses(keeping: 0, progress: progress)
      state.elapsedSeconds = elapsedBefore + (ContinuousClock.now - clock) / .seconds(1)
    }
    while state.batch < batches.count {
      let batch = batches[batches.startIndex + state.batch]
      try pendingLosses.add(try measuredStep(batch), of: batch)
      state.batch += 1
      if state.step == 1 { try waitForFirstStep() }
      try takeLosses(keeping: 1, progress: progress)
      if isInterrupted() {
        try finishSteps()
        throw RunInterrupted()
      }
      if archive.isDue(step: state.step), state.batch < batches.count {
        try finishSteps()
        try archive.save(self)
      }
      if isOutOfTime { break }
    }
    try finishSteps()
    return state.batch == batches.count
  }

  /// The time that an epoch's steps will take, from some of the first after two that warm up.
  ///
  /// - Parameter steps: How many are measured, at least 1.
  public func measuredSecondsAnEpoch(steps: Int) throws -> Double {
    precondition(steps > 0, "measuredSecondsAnEpoch: no steps to measure")
    try reserveMemory()
    let batches = sampler.batches(epoch: 0)
    var forecast = EpochForecast(measuring: steps, epochEvents: sampler.trainingEventCount)
    var number = 0
    while true {
      let batch = batches[number % batches.count]
      number += 1
      _ = try backend.read(try step(batch))
      if let seconds = forecast.finishStep(eventCount: batch.eventCount) { return seconds }
    }
  }

  private var isOutOfTime: Bool {
    settings.maxTime > 0 && (ContinuousClock.now - startedAt) / .seconds(1) >= settings.maxTime
  }

  private func waitForFirstStep() throws {
    try backend.context?.compute.finish()
    if secondsToFirstStep == 0 {
      secondsToFirstStep = (ContinuousClock.now - startedAt) / .seconds(1)
    }
  }

  private func takeLosses(keeping kept: Int, progress: ProgressReport) throws {
    while pendingLosses.count > kept {
      let step = try pendingLosses.take()
      let batch = step.batch
      guard step.loss.isFinite && step.norm.isFinite else {
        throw try firstBadNumber(of: batch, step: state.step - pendingLosses.count)
      }
      state.add(step.losses, dividedBy: step.divisors, eventCount: batch.eventCount)
      progress.advance(events: batch.eventCount, loss: state.meanLoss)
      if let seconds = epochForecast?.finishStep(eventCount: batch.eventCount) {
        progress.note("an epoch takes about \(NumberText.fixed(seconds, digits: 1)) s")
      }
    }
  }

  /// Takes in the scores of a whole epoch. The logs are on the disk before the checkpoint that says
  /// that the epoch is over.
  private func finishEpoch(
    _ validation: TaskScores, _ log: RunLog?, _ archive: inout CheckpointArchive,
    _ progress: ProgressReport
  ) throws {
    let metrics = metrics(validation)
    let isBest = state.stopping.record(
      epoch: state.epoch, score: job.scoring.selection.orientedValue(validation))
    progress.note(metrics.line(validation, by: job.scoring.selection, isBest: isBest))
    try log?.append(metrics, of: store)
    let epoch = state.epoch
    state.finishEpoch()
    if isBest { state.bestCheckpoint = archive.name(of: state) }
    try archive.save(self)
    if isBest { try archive.setBest(self, epoch: epoch) }
  }

  /// Takes in the scores of an epoch that the time has ended. The state stays as it is, in the midst
  /// of the epoch.
  private func keepCutEpoch(
    _ validation: TaskScores, _ log: RunLog?, _ archive: inout CheckpointArchive,
    _ progress: ProgressReport
  ) throws {
    let metrics = metrics(validation)
    var stopping = state.stopping
    let isBest = stopping.record(
      epoch: state.epoch, score: job.scoring.selection.orientedValue(validation))
    progress.note(metrics.line(validation, by: job.scoring.selection, isBest: isBest))
    try log?.append(metrics, of: store)
    try archive.save(self)
    if isBest { try archive.setBest(self, epoch: state.epoch) }
  }

  private func metrics(_ validation: TaskScores) -> EpochMetrics {
    EpochMetrics(
      epoch: state.epoch, step: state.step, loss: state.meanLoss,
      learningRate: schedule.rate(step: state.step - 1),
      eventsPerSecond: state.eventsPerSecond, validation: validation.dictionary,
      auxiliaryLosses: meanAuxiliaryLosses)
  }

  /// The model's losses without their weights, by name; nil where it has none.
  private var meanAuxiliaryLosses: [String: Double]? {
    let losses = model.auxiliaryLosses
    guard !losses.isEmpty else { return nil }
    return Dictionary(
      uniqueKeysWithValues: zip(losses, state.losses.suffix(losses.count)).map {
        ($0.name, $1.mean / Double($0.weight))
      })
  }

  private func report(
    _ run: RunDirectory?, best: Int, _ progress: ProgressReport
  ) throws -> TrainingSummary {
    let rates = state.rates + (state.batch > 0 ? [state.eventsPerSecond] : [])
    let later = rates.dropFirst().sorted()
    let validation = try scores(of: .validation, progress: progress.handler)
    let test = try scores(of: .test, progress: progress.handler)
    var summary = TrainingSummary(
      run: run?.path, bestEpoch: best, epochs: rates.count,
      validation: validation.dictionary, test: test.dictionary,
      trainingEventsPerSecond: later.isEmpty ? rates.first ?? 0 : later[later.count / 2],
      secondsToFirstStep: secondsToFirstStep,
      peakDeviceBytes: backend.context?.memory.peak ?? 0,
      peakResidentBytes: PeakMemory.residentByteCount(), passport: passport)
    summary.scoreNames = test.names
    return summary
  }
}
