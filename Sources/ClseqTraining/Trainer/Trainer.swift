public import ClseqData
public import ClseqInference
public import ClseqModels
public import ClseqOps
public import ClseqRuns
import ClseqRuntime
public import ClseqSettings

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
  public internal(set) var passport: Passport
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
  /// Estimates the time of an epoch after ten steps; nil after the first trained epoch.
  var epochForecast: EpochForecast?
  /// The maximum number of events of one pass; a larger batch is processed in parts.
  var passEventLimit = Int.max
  /// Device memory with which the last reservation is safe.
  var neededByteCount = 0
  /// Device memory of parameters and constants.
  let fixedByteCount: Int
  /// The run directory that is this run's own already; see ``prepare(_:)``.
  var preparedPath: String?
  /// What was taken from the run that this one starts from; nil before, and of one that starts anew.
  public internal(set) var start: StartReport?
  /// Called after every step, and between the batches of an evaluation.
  var isInterrupted: () -> Bool = { false }

  /// A model with its first parameters, on the split that the settings make of a dataset.
  ///
  /// - Throws: What `TrainingSettings/taskSplit(_:)` and ``init(_:split:on:startedAt:)`` can throw.
  public convenience init(
    _ settings: TrainingSettings, dataset: SequenceDataset, on backend: Backend,
    startedAt: ContinuousClock.Instant = .now
  ) throws {
    try settings.validateValues()
    try self.init(
      settings, split: settings.taskSplit(dataset), on: backend, startedAt: startedAt)
  }

  /// A model with its first parameters.
  ///
  /// - Parameters:
  ///   - settings: The settings.
  ///   - split: What `TrainingSettings/taskSplit(_:)` gave: a dataset is split once for all that is
  ///     made of it.
  ///   - backend: where to train; it belongs to the calling thread.
  ///   - startedAt: from when `secondsToFirstStep` counts.
  /// - Throws: `SettingsError` for settings that do not fit together, `NothingToTrain` when no
  /// sequence is
  ///   long enough, `DataError` and `SettingsError` when the data does not fit the task,
  ///   `OpenCLError.overBudget` when the parameters do not fit the memory budget.
  public init(
    _ settings: TrainingSettings, split: Split, on backend: Backend,
    startedAt: ContinuousClock.Instant = .now
  ) throws {
    try settings.validateValues()
    self.settings = settings
    self.backend = backend
    self.startedAt = startedAt
    store = ParameterStore(backend)
    job = try TrainingJob(settings, split: split, in: store)
    // Beside adapters, what the other run gives in full is frozen.
    let inherited =
      try settings.hasAdapters
      ? Self.startingPoint(settings, job).inherited(among: store.parameters) : []
    let groups = settings.groups(of: store.parameters, inherited: inherited)
    guard groups.values.contains(where: \.isTrained) else {
      throw SettingsError.doNotFit(
        "frozen (\(settings.frozen)) leaves nothing to train: freeze fewer layers")
    }
    store.setGroups { groups[$0.name] ?? ParameterGroup() }
    try store.allocate(seed: settings.seed)
    fixedByteCount = backend.context?.memory.inUse ?? 0
    uploader = BatchUploader(backend)
    pendingLosses = PendingLosses(backend)
    let replay = try Self.replay(settings, job)
    sampler = BatchSampler(
      job.task.examples, of: job.split.dataset, batchSize: settings.batchSizing,
      seed: settings.seed, replay: replay)
    guard sampler.trainingEventCount > 0 else { throw NothingToTrain() }
    passport = job.plan.passport(on: backend)
    passport.teacher = job.teacher?.description
    state = TrainingState(stopping: EarlyStopping(patience: settings.patience))
    optimizer = settings.optimizerSettings
    schedule = LearningRateSchedule(
      baseRate: settings.learningRate, kind: settings.schedule,
      warmupSteps: settings.warmupSteps,
      totalSteps: sampler.batchCount(epoch: 0) * settings.epochs)
  }

  /// Ranks next items on the validation or test part with the present parameters.
  public var evaluator: Evaluator { evaluator(of: job.split) }

  /// Ranks the targets of another split of the same items.
  public func evaluator(of split: Split) -> Evaluator { Evaluator(runner, split: split) }

  /// The figures of the task on a part, with the present parameters.
  public func scores(of part: Split.Part) throws -> TaskScores {
    TaskScores(try job.scoring.cases(of: part, by: runner))
  }

  /// Simple answers to the same cases, from the truths of training alone, for tasks other than the
  /// ranking of items.
  public func neighbours(of part: Split.Part) -> [Neighbour] { job.scoring.neighbours(of: part) }

  /// The figure that epochs are chosen by.
  public var selection: SelectionMetric { job.scoring.selection }

  /// The split that the run is trained and scored on.
  public var split: Split { job.split }

  var runner: ModelRunner {
    ModelRunner(
      model: model, backend: backend, uploader: uploader, inputs: job.inputs,
      settings: settings,
      batchSize: passEventLimit == .max ? settings.batchSizing : .events(passEventLimit),
      isInterrupted: isInterrupted)
  }

  /// The batches of an epoch, counted from 0.
  package func batches(epoch: Int) -> EpochBatches { sampler.batches(epoch: epoch) }

  /// One optimiser step on one batch. Returns the loss `[1]` without waiting for it.
  package func step(_ batch: RaggedBatch) throws -> Tensor {
    let losses = try measuredStep(batch).losses
    return try losses.dropFirst().reduce(losses[0]) { sum, loss in
      let total = try backend.empty([1])
      try backend.add(sum, loss, into: total)
      return total
    }
  }

  func measuredStep(_ batch: RaggedBatch) throws -> StepValues {
    let result = try launchStep(batch)
    state.step += 1
    return result
  }

  /// A step on one batch, in passes over parts of it where it does not fit the memory whole: the
  /// gradients of the parts add up to those of the batch.
  ///
  /// - Parameter isPlanned: whether the batch is as large as any, and serves to count memory.
  func launchStep(_ batch: RaggedBatch, isPlanned: Bool = false) throws -> StepValues {
    try backend.fillZero(store.gradients)
    let batch =
      isPlanned
      ? job.views.largestView(of: batch) : job.views.view(of: batch, epoch: state.epoch - 1)
    let divisor = job.task.divisor(of: batch)
    let parts = batch.parts(ofAtMost: passEventLimit)
    // Before the passes, so that they do not divide their memory. A single pass needs no sums.
    let divisors =
      divisor + model.auxiliaryLosses.map { _ in Float(batch.eventCount) }
    let sums = try parts.count > 1 ? divisors.map { _ in try backend.zeros([1]) } : []
    var losses = sums
    for part in parts {
      let pass = try forwardPass(part, of: batch, dividedBy: divisor, step: state.step)
      try pass.tape.backward(from: pass.loss)
      try uploader.release()
      for (sum, value) in zip(sums, pass.losses) { try backend.add(sum, value, into: sum) }
      if sums.isEmpty { losses = pass.losses }
    }
    let norm = try store.update(
      by: optimizer, learningRate: schedule.rate(step: state.step),
      step: state.earlierSteps + state.step + 1, seed: settings.seed)
    return StepValues(losses: losses, divisors: divisors, norm: norm)
  }

  /// A pass over a part of a batch, up to its loss.
  ///
  /// - Parameters:
  ///   - divisor: that of the task for the whole batch.
  ///   - step: number of the step, from 0.
  func forwardPass(
    _ part: RaggedBatch, of batch: RaggedBatch, dividedBy divisor: [Float], step: Int
  ) throws -> ForwardPass {
    let key = RandomKey(seed: settings.seed, epoch: UInt32(clamping: state.epoch))
    let moment = TrainingMoment(
      epoch: state.epoch - 1, step: step, eventCount: batch.eventCount)
    var plan = UploadPlan()
    let lossOfTask = job.task.prepare(part, epoch: moment.epoch, step: step, in: &plan)
    let selection = part.targetRows.count < part.eventCount ? TargetRows(part, in: &plan) : nil
    let (events, arrays) = try runner.upload(part, isTraining: true, with: plan)
    let tape = Tape(backend, mode: .training(key))
    let result = try model.trainingStates(
      of: events, at: moment, only: selection?.rows(in: arrays), on: tape)
    precondition(
      result.losses.count == model.auxiliaryLosses.count,
      "\(settings.model.rawValue): \(result.losses.count) values of auxiliary losses")
    // A sum without a case is 0, whatever divides it.
    let divisor = divisor.map { $0 > 0 ? $0 : 1 }
    let losses =
      try lossOfTask(result.states, arrays, divisor, moment, tape) + result.losses
    return ForwardPass(
      events: events, tape: tape, states: result.states, losses: losses,
      loss: try losses.dropFirst().reduce(losses[0]) { try tape.add($0, $1) })
  }
}
