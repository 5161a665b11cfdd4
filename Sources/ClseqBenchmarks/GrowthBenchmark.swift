import ClseqData
public import ClseqOps
public import ClseqSettings

/// How rate and memory of a training step depend on the number of items, the length of sequences
/// and the number of events, on sequences of equal length.
public struct GrowthBenchmark {
  /// One combination of sizes.
  public struct Row: Encodable, Sendable {
    /// Items V.
    public let items: Int
    /// Inputs per sequence.
    public let length: Int
    /// Events N of the batch.
    public let events: Int
    /// Median rate.
    public let eventsPerSecond: Double
    /// Median time of a step.
    public let stepMilliseconds: Double
    /// Maximum of device memory.
    public let peakDeviceBytes: Int
    /// The part of it for parameters, gradients and moments.
    public let parameterBytes: Int
    /// Attention's part of the kernels' time.
    public let attentionShare: Double
    /// The fused loss's part of the kernels' time.
    public let lossShare: Double

    private enum CodingKeys: String, CodingKey {
      case items, length, events
      case eventsPerSecond = "events_per_second"
      case stepMilliseconds = "step_milliseconds"
      case peakDeviceBytes = "peak_device_bytes"
      case parameterBytes = "parameter_bytes"
      case attentionShare = "attention_share"
      case lossShare = "loss_share"
    }
  }

  /// All combinations, as one document.
  public struct Report: Encodable, Sendable {
    /// In the order of measurement.
    public let rows: [Row]
  }

  private let settings: TrainingSettings
  private let open: (TrainingSettings) throws -> Backend

  /// - Parameters:
  ///   - settings: model and device; its length and batch size are replaced.
  ///   - open: opens the device of settings.
  public init(
    _ settings: TrainingSettings,
    opening open: @escaping (TrainingSettings) throws -> Backend = { try $0.openBackend() }
  ) {
    self.settings = settings
    self.open = open
  }

  /// Items and lengths vary at a nearly constant number of events, then the number of events alone.
  ///
  /// - Parameters:
  ///   - events: approximate number of events per batch while items and lengths vary.
  ///   - steps: measured steps per row.
  ///   - finished: called after each row.
  public func report(
    events: Int = 12_800, steps: Int = 3, finished: (Row) -> Void = { _ in }
  ) throws -> Report {
    var sizes: [(items: Int, length: Int, batch: Int)] = []
    for items in [1_000, 10_000, 100_000] {
      for length in [50, 200, 1_000] { sizes.append((items, length, max(1, events / length))) }
    }
    for batch in [16, 256] { sizes.append((10_000, 200, batch)) }
    return Report(
      rows: try sizes.map {
        let row = try self.row(items: $0.items, length: $0.length, batch: $0.batch, steps: steps)
        finished(row)
        return row
      })
  }

  func row(items: Int, length: Int, batch: Int, steps: Int) throws -> Row {
    var settings = settings
    settings.maxLength = length
    settings.batchSize = batch
    // Two events are left for validation and test, and the last training event is only a target.
    let dataset = SequenceDataset(
      uniform: batch, length: length + 3, itemCount: items, seed: settings.seed)
    let benchmark = StepBenchmark(settings, on: dataset, opening: open)
    let timed = try benchmark.timedSteps(warmup: 1, steps: steps)
    let kernels = try benchmark.profile(steps: 1)
    return Row(
      items: items, length: length, events: batch * length,
      eventsPerSecond: Spread(timed.rates).median,
      stepMilliseconds: Spread(timed.milliseconds).median,
      peakDeviceBytes: timed.peakDeviceBytes, parameterBytes: timed.parameterBytes,
      attentionShare: kernels.share(ofKernelsWith: "attention"),
      lossShare: kernels.share(ofKernelsWith: "cross_entropy"))
  }
}
