public import ClseqData
import ClseqOps
import ClseqRuntime
public import ClseqSettings

/// The memory and the work of a training, found without running it: the model's code runs over a
/// context that only counts.
public struct TrainingPlan: Encodable, Equatable, Sendable {
  /// Trained values.
  public let parameters: Int
  /// Steps of an epoch.
  public let steps: Int
  /// Events of an epoch.
  public let events: Int
  /// Passes over parts into which the largest batch is cut, 1 for none.
  public let passes: Int
  /// Peak of device memory in bytes.
  public let deviceBytes: Int
  /// Peak of resident memory in bytes, of this process as it now is with what is to come; nil where the
  /// system does not say what is resident.
  public let residentBytes: Int?
  /// Floating-point operations of an epoch's training steps, as far as kernels declare them.
  public let flops: Double
  /// Programs that the device builds for it, or has built before.
  public let programs: [PlannedProgram]
  /// Kernel launches of a step: the median of some.
  public let launches: Int

  private enum CodingKeys: String, CodingKey {
    case parameters, steps, events, passes, flops
    case launches = "launches_per_step"
    case deviceBytes = "peak_device_bytes"
    case residentBytes = "peak_resident_bytes"
  }

  /// Batches whose work is counted; that of the others is taken to go by their events.
  private static let sampleCount = 4

  /// Plans a training on a device that the settings name, which is only counted on.
  ///
  /// - Throws: ``MemoryTooSmall`` when the memory does not do, and what ``Trainer`` can throw.
  public init(_ settings: TrainingSettings, dataset: SequenceDataset) throws {
    try self.init(settings, split: settings.taskSplit(dataset))
  }

  /// The same on a split that is made already.
  public init(_ settings: TrainingSettings, split: Split) throws {
    let budget = settings.memory == 0 ? nil : settings.memory
    do {
      try self.init(settings, split, memoryBudget: budget)
    } catch OpenCLError.overBudget(_, _, let budget) {
      let smallest = try Self.smallestDeviceBytes(settings, split: split)
      throw MemoryTooSmall(budget: budget, smallest: smallest)
    }
  }

  /// The smallest memory with which the settings can be trained: a pass over the longest sequence.
  public static func smallestDeviceBytes(
    _ settings: TrainingSettings, split: Split
  ) throws -> Int {
    let backend = try settings.openBackend(memoryBudget: .max / 2, counting: true)
    let trainer = try Trainer(settings, split: split, on: backend)
    try trainer.reserveMemory(leastParts: .max)
    return trainer.neededByteCount
  }

  private init(
    _ settings: TrainingSettings, _ split: Split, memoryBudget: Int?
  ) throws {
    let backend = try settings.openBackend(memoryBudget: memoryBudget, counting: true)
    let trainer = try Trainer(settings, split: split, on: backend)
    try trainer.reserveMemory()
    let batches = trainer.sampler.batches(epoch: 0)
    let sample = stride(
      from: 0, to: batches.count, by: max(1, batches.count / Self.sampleCount)
    ).prefix(Self.sampleCount).map { batches[$0] }
    let launchCounts = try sample.map { batch in
      let before = backend.countedLaunches.count
      _ = try trainer.step(batch)
      return backend.countedLaunches.count - before
    }
    let sampledEvents = sample.reduce(0) { $0 + $1.eventCount }
    let largest = trainer.sampler.largestBatch(epochs: 0..<1)
    parameters = trainer.store.count
    steps = batches.count
    events = trainer.sampler.trainingEventCount
    passes = largest?.parts(ofAtMost: trainer.passEventLimit).count ?? 0
    flops = backend.countedCost.flops * Double(events) / Double(max(1, sampledEvents))
    let device = backend.context?.memory.peak ?? 0
    deviceBytes = device
    programs = PlannedProgram.all(of: backend.countedLaunches)
    launches = launchCounts.isEmpty ? 0 : launchCounts.sorted()[launchCounts.count / 2]
    let sharesMemory = backend.context?.device.kind == .cpu
    residentBytes = ResidentMemory.currentByteCount().map {
      $0 + ResidentMemory.openCLByteCount + (sharesMemory ? device : 0)
        + ResidentMemory.copiesOfParameters * trainer.store.flatCount * MemoryLayout<Float>.stride
    }
  }
}

/// A memory budget with which nothing can be trained.
public struct MemoryTooSmall: Error, Equatable, Sendable, CustomStringConvertible {
  /// The budget in bytes.
  public let budget: Int
  /// The smallest that would do.
  public let smallest: Int

  /// - Parameters:
  ///   - budget: in bytes.
  ///   - smallest: in bytes.
  public init(budget: Int, smallest: Int) {
    self.budget = budget
    self.smallest = smallest
  }

  /// Both, and what to do.
  public var description: String {
    "device memory: \(budget) bytes do not do, \(smallest) bytes needed at least (--memory "
      + "\(smallest / 1024 + 1)KiB), or a shorter --max-length"
  }
}
