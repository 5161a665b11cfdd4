import ClseqData
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqRuntime
import ClseqSettings
import ClseqShop
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// What is foretold of memory, batches in parts, and memory that runs out.
@Suite(.serialized) struct MemoryPlanTests {
  private static let dataset = Result {
    var traits = ShopTraits.plain
    traits.hasTypedEvents = true
    var needs = EventNeeds()
    needs.types = true
    return try ShopLog(users: 80, items: 60, eventsPerUser: 5...30, seed: 7, traits: traits)
      .dataset(needs: needs)
  }

  private func settings(
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.maxLength = 20
    settings[.hiddenSize] = 16
    settings.batchSize = 40
    settings.epochs = 2
    settings[.recurrentSizes] = [16]
    change(&settings)
    return settings
  }

  private func trainer(_ settings: TrainingSettings) throws -> Trainer {
    try Trainer(settings, dataset: try Self.dataset.get(), on: try settings.openBackend())
  }

  private func context(_ trainer: Trainer) throws -> Context {
    try #require(trainer.store.backend.context)
  }

  private static let changes: [@Sendable (inout TrainingSettings) -> Void] = [
    { _ in },
    { $0.model = .network(.lstm) },
    { $0.model = .network(.bert4rec) },
    { $0.model = .network(.seq2seq) },
    { $0.model = .network(.lstmSeq2seq) },
    {
      $0.model = .network(.seq2seq)
      $0[.scheduledSampling] = 1
    },
    {
      $0.model = .network(.bert4rec)
      ($0.loss, $0.negatives, $0.negativeSharing) = (.gbce, 5, .event)
    },
    { $0.labelSmoothing = 0.1 },
    { ($0.loss, $0.negatives) = (.sampledSoftmax, 20) },
    { ($0.loss, $0.negatives, $0.negativeSharing) = (.gbce, 5, .event) },
    { $0.task = .nextEventType },
    {
      ($0.task, $0.model, $0.splitBy) = (.reconstruct, .network(.vae), .user)
      $0[.codeSize] = 8
    },
    {
      ($0.task, $0.model, $0.splitBy) = (.reconstruct, .network(.convAutoencoder), .user)
      $0[.codeSize] = 8
    },
    { ($0.task, $0.tasks) = (.multi, TaskList("next-item,next-type*0.5")!) },
  ]

  /// The peak that is told ahead is that of the training, to 2 %.
  @Test(arguments: changes.indices)
  func peakIsAsPlanned(_ index: Int) throws {
    let settings = settings(Self.changes[index])
    let plan = try TrainingPlan(settings, dataset: try Self.dataset.get())
    let trainer = try trainer(settings)
    let progress = ProgressReport(style: .silent)
    let summary = try trainer.train(progress: progress)
    let ratio = Double(plan.deviceBytes) / Double(summary.peakDeviceBytes)
    #expect((0.98...1.02).contains(ratio), "\(plan.deviceBytes), not \(summary.peakDeviceBytes)")
    #expect(plan.parameters == trainer.store.count && plan.flops > 0 && plan.passes == 1)
  }

  /// Also where tables are in half the memory.
  @Test func tablesInHalfTheMemoryAreCounted() throws {
    let settings = settings { $0.storage = .bf16 }
    let plan = try TrainingPlan(settings, dataset: try Self.dataset.get())
    let trainer = try trainer(settings)
    let summary = try trainer.train(progress: ProgressReport(style: .silent))
    let ratio = Double(plan.deviceBytes) / Double(summary.peakDeviceBytes)
    #expect((0.98...1.02).contains(ratio), "\(plan.deviceBytes), not \(summary.peakDeviceBytes)")
    #expect(trainer.model.itemTable.value.elementType == .bf16)
  }

  /// With the least memory that is told to do, batches are worked on in parts, and the losses are those
  /// of whole batches.
  @Test(arguments: changes.indices)
  func partsGiveTheSameLosses(_ index: Int) throws {
    var settings = settings(Self.changes[index])
    let whole = try trainer(settings)
    let dataset = try Self.dataset.get()
    settings.memory = try TrainingPlan.smallestDeviceBytes(
      settings, split: settings.taskSplit(dataset))
    let plan = try TrainingPlan(settings, dataset: dataset)
    #expect(plan.passes >= 2 && plan.deviceBytes <= settings.memory)
    let parts = try trainer(settings)
    try parts.reserveMemory()
    for number in 0..<6 {
      let losses = try [whole, parts].map { trainer in
        let batches = trainer.batches(epoch: number / 2)
        return try trainer.store.backend.read(try trainer.step(batches[number % 2]))[0]
      }
      #expect(abs(losses[0] - losses[1]) < Tolerance.loss(losses[1]), "step \(number): \(losses)")
    }
    #expect(try context(parts).memory.peak <= settings.memory)
  }

  @Test func tooLittleMemoryNamesTheLeastThatDoes() throws {
    let dataset = try Self.dataset.get()
    var settings = settings()
    let smallest = try TrainingPlan.smallestDeviceBytes(
      settings, split: settings.taskSplit(dataset))
    for budget in [1_000, smallest - 1] {
      settings.memory = budget
      #expect(throws: MemoryTooSmall(budget: budget, smallest: smallest)) {
        try TrainingPlan(settings, dataset: dataset)
      }
    }
    settings.memory = smallest
    _ = try TrainingPlan(settings, dataset: dataset)
  }

  /// Whichever allocation of a training fails, it is an error with bytes, and all memory is given back.
  @Test func everyAllocationMayFail() throws {
    let device = try TestBackend.context().device
    let settings = settings { $0.epochs = 1 }
    var failures = 0
    while true {
      let context = try Context(device)
      context.memory.allocationsBeforeFailure = failures
      let progress = ProgressReport(style: .silent)
      var isOver = false
      do {
        let trainer = try Trainer(
          settings, dataset: try Self.dataset.get(), on: Backend(context))
        _ = try trainer.train(progress: progress)
        isOver = true
      } catch OpenCLError.overBudget(let needed, let free, _) {
        #expect(needed > 0 && free > 0)
      }
      #expect(context.memory.inUse == 0)
      if isOver { break }
      failures += 1
    }
    #expect(failures >= 7)
  }
}
