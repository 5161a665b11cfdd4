public import ClseqData
public import ClseqModels
public import ClseqOps
import ClseqRuntime
import Foundation

/// Trains a model for a task on a dataset, with early stopping by a validation figure.
///
/// Every number that training draws is a function of the seed and of what it is for, and every sum
/// has a fixed order: two runs on one device give the same bytes, and so does a run that was
/// interrupted and resumed.
public final class Trainer {
  /// The settings of the run.
  public let settings: TrainingSettings
  /// The model in training.
  public var model: any SequenceModel { job.model }
  /// The model's parameters.
  public let store: ParameterStore
  /// What the scores of the run depend on.
  public let passport: Passport
  let backend: Backend
  let job: TrainingJob
  let uploader: BatchUploader
  private let sampler: BatchSampler
  private let schedule: LearningRateSchedule
  private let optimizer: OptimizerSettings
  private let startedAt: ContinuousClock.Instant
  private let pendingLosses: PendingLosses
  private var state: TrainingState
  private var secondsToFirstStep = 0.0

  /// A model with its first parameters.
  ///
  /// - Parameters:
  ///   - backend: where to train; it belongs to the calling thread.
  ///   - startedAt: from when `secondsToFirstStep` counts.
  /// - Throws: `NothingToTrain` when no sequence is long enough, `DataError` and `SettingsError` when
  ///   the data does not fit the task, `OpenCLError.overBudget` when the parameters do not fit the
  ///   memory budget.
  public init(
    _ settings: TrainingSettings, dataset: SequenceDataset, on backend: Backend,
    startedAt: ContinuousClock.Instant = .now
  ) throws {
    self.settings = settings
    self.backend = backend
    self.startedAt = startedAt
    store = ParameterStore(backend)
    job = try TrainingJob(settings, dataset: dataset, in: store)
    try store.allocate(seed: settings.seed)
    uploader = BatchUploader(backend)
    pendingLosses = PendingLosses(backend)
    sampler = BatchSampler(
      job.task.examples, of: job.split.dataset, batchSize: settings.batchSizing,
      seed: settings.seed)
    guard sampler.trainingEventCount > 0 else { throw NothingToTrain() }
    passport = Passport(settings, split: job.split, backend: backend)
    state = TrainingState(stopping: EarlyStopping(patience: settings.patience))
    optimizer = settings.optimizerSettings
    schedule = LearningRateSchedule(
      baseRate: settings.learningRate, kind: settings.schedule,
      warmupSteps: settings.warmupSteps,
      totalSteps: sampler.batches(epoch: 0).count * settings.epochs)
  }

  /// Ranks next items on the validation or test part with the present parameters.
  public var evaluator: Evaluator { evaluator(of: job.split) }

  /// Ranks the targets of another split of the same items.
  public func evaluator(of split: Split) -> Evaluator { Evaluator(runner, split: split) }

  /// The figures of the task on a part, with the present parameters.
  public func scores(of part: Split.Part) throws -> TaskScores {
    try job.task.scores(of: part, by: runner)
  }

  /// The figures on a part of one answer for everyone, from the truths of training alone.
  public func constantScores(of part: Split.Part) -> TaskScores {
    job.task.constantScores(of: part)
  }

  /// The split that the run is trained and scored on.
  public var split: Split { job.split }

  var runner: ModelRunner {
    ModelRunner(
      model: model, backend: backend, uploader: uploader, inputs: job.inputs,
      maximumLength: settings.maxLength, batchSize: settings.batchSizing)
  }

  /// Makes a run directory this run's own: writes the settings, the passport and the vocabulary into
  /// a new one, and goes on from the newest checkpoint of an old one.
  ///
  /// - Throws: `PassportMismatch` when an old run was trained on other data, `CheckpointError` when
  ///   a checkpoint is damaged, `FileError` when the directory cannot be written.
  public func prepare(_ run: RunDirectory) throws {
    if FileManager.default.fileExists(atPath: run.layout.passportPath) {
      try passport.requireComparable(to: try run.layout.passport())
      try requireTask(of: run.layout)
      if let checkpoint = try run.layout.checkpoints().last { try resume(checkpoint, of: run) }
    } else {
      try job.split.dataset.vocabulary.write(to: run.layout.vocabularyPath)
      try RunItems.write(job.inputs, job.split, to: run)
      try run.write(settings.yaml, to: run.layout.configPath)
      try run.write(try JSONText.document(job.description), to: run.layout.taskPath)
      try run.write(try JSONText.document(passport), to: run.layout.passportPath)
    }
  }

  private func resume(_ checkpoint: Checkpoint, of run: RunDirectory) throws {
    try load(checkpoint)
    try ModelFile.readMoments(into: store, from: checkpoint.file(ModelFile.optimizer))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: checkpoint.file(ModelFile.state)))
    state = try JSONText.decoder.decode(TrainingState.self, from: bytes)
    state.stopping.patience = settings.patience
    let current = state.epoch
    try MetricsLog.truncate(run.layout.metricsPath, to: EpochMetrics.self) { $0.epoch < current }
  }

  /// Replaces the parameters by those of a checkpoint.
  public func load(_ checkpoint: Checkpoint) throws {
    try checkpoint.verify()
    try ModelFile.readParameters(into: store, from: checkpoint.file(ModelFile.parameters))
  }

  /// Reserves device memory for the largest batch of the epoch in progress and builds its kernels.
  ///
  /// `train` does so before each epoch. Called before a run directory is made, it lets a model that
  /// does not fit fail with nothing written.
  ///
  /// - Throws: `OpenCLError.overBudget` when the step does not fit the memory budget.
  public func reserveMemory() throws {
    guard let largest = sampler.largestBatch(epochs: state.epoch - 1..<state.epoch) else { return }
    try reserveMemory(for: largest)
  }

  /// Reserves device memory for steps on batches up to the size of this one.
  package func reserveMemory(for batch: RaggedBatch) throws {
    try backend.reserve(try backend.countMemory { _ = try launchStep(batch) })
  }

  /// Trains until the epochs, the patience or the time are used up, then scores the best epoch.
  ///
  /// - Parameters:
  ///   - run: takes checkpoints and logs; without one the best parameters are kept in memory.
  ///   - progress: shows a line or a bar.
  ///   - isInterrupted: asked after every step.
  /// - Throws: `TrainingInterrupted` after a checkpoint was written.
  public func train(
    in run: RunDirectory? = nil, progress: inout ProgressReport,
    isInterrupted: () -> Bool = { false }
  ) throws -> TrainingSummary {
    let log = try run.map { try RunLog($0) }
    var best = BestModel(run)
    var isOutOfTime = false
    while state.epoch <= settings.epochs, !state.stopping.shouldStop, !isOutOfTime {
      isOutOfTime = try trainEpoch(in: run, progress: &progress, isInterrupted: isInterrupted)
      let validation = try scores(of: .validation)
      let isBest = state.stopping.record(
        epoch: state.epoch, score: job.task.selection.merit(validation))
      try finishEpoch(validation, isBest, log, &best, run, &progress)
    }
    try best.restore(into: self)
    return try report(run)
  }

  /// The batches of an epoch, counted from 0.
  package func batches(epoch: Int) -> EpochBatches { sampler.batches(epoch: epoch) }

  /// One optimiser step on one batch. Returns the loss `[1]` without waiting for it.
  package func step(_ batch: RaggedBatch) throws -> Tensor { try measuredStep(batch).loss }

  private func measuredStep(_ batch: RaggedBatch) throws -> (loss: Tensor, norm: Tensor) {
    let result = try launchStep(batch)
    try uploader.release()
    state.step += 1
    return result
  }

  private func launchStep(_ batch: RaggedBatch) throws -> (loss: Tensor, norm: Tensor) {
    let pass = try forwardPass(batch, step: state.step)
    try pass.tape.backward(from: pass.loss)
    let norm = try store.update(
      by: optimizer, learningRate: schedule.rate(step: state.step), step: state.step + 1)
    return (pass.loss, norm)
  }

  /// A step up to its loss, with all gradients of parameters zero.
  ///
  /// - Parameter step: number of the step, from 0.
  func forwardPass(_ batch: RaggedBatch, step: Int) throws -> ForwardPass {
    let key = RandomKey(seed: settings.seed, epoch: UInt32(clamping: state.epoch))
    let (events, extra) = try runner.upload(
      batch, isTraining: true,
      extra: job.task.arrays(of: batch, epoch: state.epoch - 1, step: step))
    try backend.fillZero(store.gradients)
    let tape = Tape(backend, mode: .training(key))
    let states = try model.hiddenStates(of: events, only: nil, on: tape)
    let loss = try job.task.loss(of: states, batch, extra, weight: 1, on: tape)
    return ForwardPass(events: events, tape: tape, states: states, loss: loss)
  }
}

extension Trainer {
  /// Trains what is left of the epoch in progress. Returns whether the time is used up.
  private func trainEpoch(
    in run: RunDirectory?, progress: inout ProgressReport, isInterrupted: () -> Bool
  ) throws -> Bool {
    let batches = sampler.batches(epoch: state.epoch - 1)
    try reserveMemory()
    progress.begin("epoch \(state.epoch)", totalEvents: sampler.trainingEventCount)
    progress.advance(events: state.eventCount, loss: state.meanLoss)
    defer { progress.end() }
    let elapsedBefore = state.elapsedSeconds
    let clock = ContinuousClock.now
    while state.batch < batches.count {
      let batch = batches[batches.startIndex + state.batch]
      let (loss, norm) = try measuredStep(batch)
      try pendingLosses.add(loss, norm: norm, of: batch)
      state.batch += 1
      if state.step == 1 { try waitForFirstStep() }
      try takeLosses(keeping: 1, progress: &progress)
      state.elapsedSeconds = elapsedBefore + (ContinuousClock.now - clock).seconds
      if isInterrupted() {
        try takeLosses(keeping: 0, progress: &progress)
        try run.map { _ = try save(in: $0) }
        throw TrainingInterrupted(run: run?.path)
      }
      if isOutOfTime { break }
    }
    try takeLosses(keeping: 0, progress: &progress)
    state.elapsedSeconds = elapsedBefore + (ContinuousClock.now - clock).seconds
    return isOutOfTime
  }

  private var isOutOfTime: Bool {
    settings.maxTime > 0 && (ContinuousClock.now - startedAt).seconds >= settings.maxTime
  }

  private func waitForFirstStep() throws {
    try backend.context?.compute.finish()
    if secondsToFirstStep == 0 { secondsToFirstStep = (ContinuousClock.now - startedAt).seconds }
  }

  private func takeLosses(keeping kept: Int, progress: inout ProgressReport) throws {
    while pendingLosses.count > kept {
      let (loss, norm, batch) = try pendingLosses.take()
      guard loss.isFinite && norm.isFinite else {
        throw try firstBadNumber(of: batch, step: state.step - pendingLosses.count)
      }
      state.lossSum += Double(loss) * Double(batch.eventCount)
      state.eventCount += batch.eventCount
      progress.advance(events: batch.eventCount, loss: Double(loss))
    }
  }

  private func finishEpoch(
    _ validation: TaskScores, _ isBest: Bool, _ log: RunLog?, _ best: inout BestModel,
    _ run: RunDirectory?, _ progress: inout ProgressReport
  ) throws {
    let metrics = EpochMetrics(
      epoch: state.epoch, step: state.step, loss: state.meanLoss,
      learningRate: schedule.rate(step: state.step - 1),
      eventsPerSecond: Double(state.eventCount) / max(state.elapsedSeconds, 1e-9),
      validation: validation.dictionary)
    progress.note(metrics.line(validation, isBest: isBest))
    state.finishEpoch()
    let checkpoint = try run.map { try save(in: $0) }
    if isBest { try best.keep(self, checkpoint) }
    try best.removeOthers(than: checkpoint)
    try log?.append(metrics)
  }

  /// Writes a checkpoint of the present state.
  private func save(in run: RunDirectory) throws -> Checkpoint {
    try run.saveCheckpoint("step-\(String(format: "%09d", state.step))") { folder in
      try ModelFile.writeParameters(store, to: "\(folder)/\(ModelFile.parameters)")
      try ModelFile.writeMoments(store, to: "\(folder)/\(ModelFile.optimizer)")
      let text = try JSONText.document(state)
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(ModelFile.state)"))
    }
  }

  private func report(_ run: RunDirectory?) throws -> TrainingSummary {
    let later = state.rates.dropFirst().sorted()
    let (validation, test) = (try scores(of: .validation), try scores(of: .test))
    var summary = TrainingSummary(
      run: run?.path, bestEpoch: state.stopping.bestEpoch ?? 0, epochs: state.rates.count,
      validation: validation.dictionary, test: test.dictionary,
      trainingEventsPerSecond: later.isEmpty ? state.rates.first ?? 0 : later[later.count / 2],
      secondsToFirstStep: secondsToFirstStep,
      peakDeviceBytes: backend.context?.memory.peak ?? 0,
      peakResidentBytes: PeakMemory.residentByteCount(), passport: passport)
    summary.scoreNames = test.names
    return summary
  }
}
