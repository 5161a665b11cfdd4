public import ClseqData
import ClseqModels
public import ClseqOps
import ClseqRuntime
public import ClseqSettings
import ClseqTraining

/// Whole training steps of one model on one log. `Scripts/bench` compares the rate with peers.
public struct StepBenchmark {
  /// The measurements.
  public struct Report: Encodable, Sendable {
    /// "clseq".
    public let system: String
    /// Version of clseq and the device.
    public let version: String
    /// Name of the log.
    public let data: String
    /// What the model is trained for.
    public let task: TaskKind
    /// Users with enough events.
    public let users: Int
    /// Items V.
    public let items: Int
    /// Median rate of the steps.
    public let eventsPerSecond: Double
    /// Rate of the slowest step.
    public let eventsPerSecondLow: Double
    /// Rate of the fastest step.
    public let eventsPerSecondHigh: Double
    /// Events of all measured steps divided by the processor time of all threads, which other
    /// programs on the machine hardly change.
    public let eventsPerCPUSecond: Double
    /// Median time of a step.
    public let stepMilliseconds: Double
    /// Measured steps.
    public let steps: Int
    /// Loss of every step, warm-up first.
    public let losses: [Float]
    /// Maximum of device memory, including parameters and optimiser.
    public let peakDeviceBytes: Int
    /// Time by kernel, from a separate profiled run; empty for the reference.
    public let kernels: [KernelTime]

    private enum CodingKeys: String, CodingKey {
      case system, version, data, task, users, items, steps, losses, kernels
      case eventsPerSecond = "events_per_second"
      case eventsPerSecondLow = "events_per_second_low"
      case eventsPerSecondHigh = "events_per_second_high"
      case eventsPerCPUSecond = "events_per_cpu_second"
      case stepMilliseconds = "step_milliseconds"
      case peakDeviceBytes = "peak_device_bytes"
    }
  }

  private let settings: TrainingSettings
  private let dataset: SequenceDataset
  private let batches: NumberedBatches
  private let open: (TrainingSettings) throws -> Backend

  /// The task that steps of a model are measured with: the ranking of next items, sequences that are written back by a
  /// model that compresses them, or clicks where states
  /// depend on a candidate.
  public static func task(of model: ModelChoice) -> TaskKind {
    if model.kind?.compresses ?? false { return .reconstruct }
    return model.kind?.needsCandidate ?? false ? .click : .nextItem
  }

  /// - Parameters:
  ///   - settings: model with its task, batch size in sequences, length, device.
  ///   - dataset: the log. The labels of clicks are made up, so that every log will do.
  ///   - open: opens the device of settings.
  public init(
    _ settings: TrainingSettings, on dataset: SequenceDataset,
    opening open: @escaping (TrainingSettings) throws -> Backend = { try $0.openBackend() }
  ) {
    self.open = open
    self.settings = settings
    self.dataset = settings.task == .click ? dataset.withAlternateLabels() : dataset
    batches = NumberedBatches(
      self.dataset, size: settings.batchSize, maximumLength: settings.maxLength)
  }

  /// Measures.
  ///
  /// A step is timed from a batch on the host until its loss is read there, as for the peers.
  ///
  /// - Parameters:
  ///   - warmup: steps before the measurement.
  ///   - steps: measured steps.
  ///   - profiledSteps: additional steps, on a profiling queue, for the table of kernels.
  public func report(warmup: Int, steps: Int, profiledSteps: Int) throws -> Report {
    let timed = try timedSteps(warmup: warmup, steps: steps)
    let rates = Spread(timed.rates)
    return Report(
      system: "clseq", version: "\(clseqVersion), \(timed.device)", data: dataset.source.name,
      task: settings.task,
      users: dataset.userCount, items: dataset.itemCount, eventsPerSecond: rates.median,
      eventsPerSecondLow: rates.low, eventsPerSecondHigh: rates.high,
      eventsPerCPUSecond: Double(timed.events) / timed.processorSeconds,
      stepMilliseconds: Spread(timed.milliseconds).median, steps: steps, losses: timed.losses,
      peakDeviceBytes: timed.peakDeviceBytes, kernels: try profile(steps: profiledSteps))
  }

  struct TimedSteps {
    var rates: [Double] = []
    var milliseconds: [Double] = []
    var events = 0
    var processorSeconds = 0.0
    var losses: [Float] = []
    var device = ""
    var peakDeviceBytes = 0
    var parameterBytes = 0
  }

  func timedSteps(warmup: Int, steps: Int) throws -> TimedSteps {
    let backend = try open(settings)
    let trainer = try makeTrainer(on: backend, steps: warmup + steps)
    var timed = TimedSteps()
    for number in 0..<warmup + steps {
      let batch = batches[number]
      let (start, processorStart) = (ContinuousClock.now, ProcessorTime.seconds())
      let loss = try backend.read(try trainer.step(batch))[0]
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      timed.losses.append(loss)
      if number < warmup { continue }
      timed.rates.append(Double(batch.eventCount) / seconds)
      timed.milliseconds.append(1000 * seconds)
      timed.events += batch.eventCount
      timed.processorSeconds += ProcessorTime.seconds() - processorStart
    }
    timed.device = backend.context?.device.name ?? "reference"
    timed.peakDeviceBytes = backend.context?.memory.peak ?? 0
    timed.parameterBytes = trainer.store.byteCount
    return timed
  }

  /// Kernels of the first steps, after one step of warm-up.
  func profile(steps: Int) throws -> [KernelTime] {
    var settings = settings
    settings.profile = true
    let backend = try open(settings)
    guard let profile = backend.context?.profile, steps > 0 else { return [] }
    let trainer = try makeTrainer(on: backend, steps: steps + 1)
    _ = try backend.read(try trainer.step(batches[0]))
    try profile.reset()
    for number in 1...steps { _ = try backend.read(try trainer.step(batches[number])) }
    return KernelTime.table(try profile.table(), steps: steps)
  }

  private func makeTrainer(on backend: Backend, steps: Int) throws -> Trainer {
    let trainer = try Trainer(settings, dataset: dataset, on: backend)
    let largest = (0..<steps).max { batches[$0].eventCount < batches[$1].eventCount } ?? 0
    try trainer.reserveMemory(for: batches[largest])
    return trainer
  }
}
