public import ClseqData
public import ClseqModels
public import ClseqOps
import ClseqRuntime

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
  let sampler: BatchSampler
  let schedule: LearningRateSchedule
  private let optimizer: OptimizerSettings
  let startedAt: ContinuousClock.Instant
  let pendingLosses: PendingLosses
  var state: TrainingState
  var secondsToFirstStep = 0.0
  /// Asked after every step, and between the batches of an evaluation.
  var isInterrupted: () -> Bool = { false }

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
      maximumLength: settings.maxLength, batchSize: settings.batchSizing,
      isInterrupted: isInterrupted)
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

  /// The batches of an epoch, counted from 0.
  package func batches(epoch: Int) -> EpochBatches { sampler.batches(epoch: epoch) }

  /// One optimiser step on one batch. Returns the loss `[1]` without waiting for it.
  package func step(_ batch: RaggedBatch) throws -> Tensor { try measuredStep(batch).loss }

  func measuredStep(_ batch: RaggedBatch) throws -> (loss: Tensor, norm: Tensor) {
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
