import ClseqData
import ClseqModels
import ClseqOps
import ClseqRuntime
import ClseqSettings
import ClseqShop
import ClseqTraining
import Testing

/// The host never waits inside a step: what a step needs is uploaded, filled and read without blocking.
@Suite struct StepWaitTests {
  private static let changes: [@Sendable (inout TrainingSettings) -> Void] = [
    { _ in },
    { $0[.positions] = .learned },
    { $0.model = .network(.lstm) },
    { $0.model = .network(.gru) },
    { ($0.loss, $0.negatives) = (.sampledSoftmax, 20) },
    { ($0.loss, $0.negatives, $0.negativeSharing) = (.gbce, 5, .event) },
    { ($0.task, $0.model) = (.nextEventType, .network(.lstmAttention)) },
    { ($0.task, $0.model) = (.nextEventType, .network(.cnn)) },
    { ($0.task, $0.tasks) = (.multi, TaskList("next-item,next-type*0.5")!) },
  ]

  @Test(arguments: changes.indices, ["gpu", "auto"])
  func aStepBlocksNowhere(_ index: Int, _ tuning: String) throws {
    var settings = TrainingSettings()
    settings[.hiddenSize] = 16
    settings[.recurrentSizes] = [16]
    (settings.maxLength, settings.batchSize) = (20, 30)
    Self.changes[index](&settings)
    settings.tuning = try #require(TuningChoice(rawValue: tuning))
    var traits = ShopTraits.plain
    traits.hasTypedEvents = true
    var needs = EventNeeds()
    needs.types = true
    let dataset = try ShopLog(users: 60, items: 40, eventsPerUser: 5...20, seed: 7, traits: traits)
      .dataset(needs: needs)
    let trainer = try Trainer(settings, dataset: dataset, on: try settings.openBackend())
    let context = try #require(trainer.store.backend.context)
    func blocked() -> Int { context.compute.blockingCallCount + context.uploads.blockingCallCount }

    let batches = trainer.batches(epoch: 0)
    _ = try trainer.step(batches[0])
    let before = blocked()
    let loss = try trainer.step(batches[1])
    #expect(blocked() == before)
    // What blocks is counted.
    #expect(try trainer.store.backend.read(loss)[0].isFinite && blocked() == before + 1)
  }
}
