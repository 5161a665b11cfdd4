import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps
import ClseqRuntime
import ClseqSettings
import ClseqShop
import ClseqTestSupport
import ClseqTraining
import Testing

/// A training step and an evaluation, where memory comes from the arena in different ways.
@Suite struct UninitializedMemoryTests {
  private struct Results: Equatable {
    var loss: UInt32
    var gradients: [UInt32]
    var parameters: [UInt32]
    var ranks: [Int]
  }

  /// Where no kernel reads what none has written, results do not depend on what was in memory before,
  /// bit for bit: neither on zeros, which hide such a read, nor on NaN, which show it.
  @Test(arguments: TestBackend.onDevice, [20, 64])
  func reachesNoResult(_ kind: TestBackend, hiddenSize: Int) throws {
    let expected = try results(kind, hiddenSize, .reused)
    #expect(expected.parameters.allSatisfy { Float(bitPattern: $0).isFinite })
    for ranges in [Arena.Ranges.filled(0), .filled(0xffff_ffff), .separate] {
      let isSame = try results(kind, hiddenSize, ranges) == expected
      #expect(isSame, "\(ranges)")
    }
  }

  private func results(
    _ kind: TestBackend, _ hiddenSize: Int, _ ranges: Arena.Ranges
  ) throws -> Results {
    let backend = Backend(
      try TestBackend.context(), tuning: try kind.make().tuning, ranges: ranges)
    var settings = TrainingSettings()
    settings[.hiddenSize] = hiddenSize
    settings.maxLength = 15
    settings.batchSize = 16
    settings.clipNorm = 1
    settings.learningRate = 0.01
    let dataset = try ShopLog(users: 40, items: 70, eventsPerUser: 4...20, seed: 5).dataset()
    let trainer = try Trainer(settings, dataset: dataset, on: backend)
    let batches = BatchSampler(
      Split.leaveOneOut(dataset), maximumLength: settings.maxLength,
      batchSize: settings.batchSizing,
      seed: settings.seed
    ).batches(epoch: 0)
    let loss = try backend.read(try trainer.step(batches[batches.startIndex]))
    return Results(
      loss: loss[0].bitPattern, gradients: bits(try backend.read(trainer.store.gradients)),
      parameters: bits(try backend.read(trainer.store.values)),
      ranks: try trainer.evaluator.ranks(of: .validation))
  }

  private func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
}
