import ClseqData
import ClseqInference
import ClseqMetrics
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqShop
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

@Suite(.serialized) struct TrainerTests {
  private static let dataset = Result {
    try ShopLog(users: 60, items: 40, eventsPerUser: 5...20, seed: 7).dataset()
  }

  private func settings(epochs: Int = 2) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.maxLength = 12
    settings[.hiddenSize] = 16
    settings.batchSize = 16
    settings.epochs = epochs
    settings.learningRate = 0.01
    settings.warmupSteps = 3
    settings.clipNorm = 1
    settings.seed = 3
    return settings
  }

  private func trainer(_ kind: TestBackend, epochs: Int = 2) throws -> Trainer {
    try Trainer(settings(epochs: epochs), dataset: try Self.dataset.get(), on: try kind.make())
  }

  private func values(_ trainer: Trainer) throws -> [UInt32] {
    try trainer.store.backend.read(trainer.store.values).map(\.bitPattern)
  }

  /// The first ten losses on each path agree with those of the reference.
  @Test(arguments: TestBackend.onDevice)
  func tenLossesAgreeWithTheReference(_ kind: TestBackend) throws {
    let losses = try [kind, .reference].map { kind in
      let trainer = try trainer(kind)
      let split = Split.leaveOneOut(try Self.dataset.get())
      let sampler = BatchSampler(
        split, maximumLength: 12, batchSize: .sequences(6), seed: 3)
      return try sampler.batches(epoch: 0).prefix(10).map { batch in
        try trainer.store.backend.read(try trainer.step(batch))[0]
      }
    }
    for (device, reference) in zip(losses[0], losses[1]) {
      #expect(abs(device - reference) < Tolerance.loss(reference))
    }
    #expect(losses[0].count == 10 && losses[0][9] < losses[0][0])
  }

  /// Rare items become one that is an input only: nothing is trained to predict it, and the losses of
  /// the paths agree.
  @Test(arguments: TestBackend.onDevice)
  func unknownItemsAreInputsOnly(_ kind: TestBackend) throws {
    let folder = try TemporaryFolder()
    try ShopLog(users: 60, items: 40, eventsPerUser: 5...20, seed: 7)
      .write(to: folder.file("log.inter"))
    var rules = DatasetRules()
    rules.cleaning.rareItemEvents = 18
    _ = try SequenceDataset.prepare(
      path: folder.file("log.inter"), rules: rules, to: folder.file("data"), version: "test")
    let dataset = try SequenceDataset.load(path: folder.file("data"))
    let unknown = try #require(dataset.vocabulary.unknown)
    let batch = RaggedBatch(
      training: 0..<60, of: Split.leaveOneOut(dataset), maximumLength: 12)
    #expect(batch.items.contains(unknown) && batch.targets.contains(unknown))
    let losses = try [kind, .reference].map { kind in
      let trainer = try Trainer(settings(), dataset: dataset, on: try kind.make())
      let losses = try (0..<4).map { _ in
        try trainer.store.backend.read(try trainer.step(batch))[0]
      }
      #expect(trainer.store.parameters[0].shape == [dataset.itemCount + 2, 16])
      let ranks = try trainer.evaluator.ranks(of: .test)
      #expect(ranks.count == 60 && ranks.contains(.max))
      return losses
    }
    for (device, reference) in zip(losses[0], losses[1]) {
      #expect(abs(device - reference) < Tolerance.loss(reference))
    }
    // The first is near that of a guess among the items.
    #expect(abs(losses[0][0] - Float(log(Double(dataset.itemCount)))) < 0.1)
  }

  /// Among ten sampled items the target ranks no worse than among all, and at eleventh at worst; with
  /// all unseen items sampled, as among all.
  @Test(arguments: TestBackend.allCases)
  func sampledRanks(_ kind: TestBackend) throws {
    let trainer = try trainer(kind)
    let split = Split.leaveOneOut(try Self.dataset.get())
    let full = try trainer.evaluator.ranks(of: .test)
    let ten = split.ranked(by: NegativeSampler(count: 10, seed: 1))
    let all = split.ranked(by: NegativeSampler(count: 40, seed: 1))
    let sampled = try trainer.evaluator(of: ten).ranks(of: .test)
    #expect(try trainer.evaluator(of: all).ranks(of: .test) == full)
    #expect(zip(sampled, full).allSatisfy { $0 <= $1 && (1...11).contains($0) } && sampled != full)
    #expect(split.ranking == "full" && ten.ranking == "10 sampled, uniform, seed 1")
    for baseline in Baseline.allCases {
      let ranks = [split, all, ten].map { baseline.fitted(to: $0).ranks(for: .test) }
      #expect(ranks[0] == ranks[1] && zip(ranks[2], ranks[0]).allSatisfy { $0 <= $1 })
    }
  }

  @Test(arguments: TestBackend.allCases)
  func sameSeedSameBytes(_ kind: TestBackend) throws {
    let progress = ProgressReport(style: .silent)
    let runs = try (0..<2).map { _ in
      let trainer = try trainer(kind)
      _ = try trainer.train(progress: progress)
      return try values(trainer)
    }
    #expect(runs[0] == runs[1])
  }

  @Test(arguments: [TestBackend.reference, .cpu8], [1, 4, 5, 7])
  func resumedRunIsBitEqual(_ kind: TestBackend, steps: Int) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let progress = ProgressReport(style: .silent)
    let whole = try trainer(kind)
    let wholeRun = try RunDirectory.create(at: folder + "/whole")
    try whole.prepare(wholeRun)
    let expected = try whole.train(in: wholeRun, progress: progress)

    let first = try trainer(kind)
    var remaining = steps
    #expect(throws: TrainingInterrupted.self) {
      let run = try RunDirectory.create(at: folder + "/parts")
      try first.prepare(run)
      _ = try first.train(in: run, progress: progress) {
        remaining -= 1
        return remaining == 0
      }
    }
    let second = try trainer(kind)
    let run = try RunDirectory.resume(at: folder + "/parts")
    try second.prepare(run)
    let report = try second.train(in: run, progress: progress)
    #expect(try values(second) == values(whole))
    #expect(report.test == expected.test && report.bestEpoch == expected.bestEpoch)
  }

  /// A model large enough learns one batch by heart.
  @Test(arguments: [TestBackend.cpu8, .gpu])
  func overfitsOneBatch(_ kind: TestBackend) throws {
    var settings = settings()
    settings[.dropout] = 0
    settings[.hiddenSize] = 32
    let dataset = try Self.dataset.get()
    let trainer = try Trainer(settings, dataset: dataset, on: try kind.make())
    let sampler = BatchSampler(
      Split.leaveOneOut(dataset), maximumLength: 12, batchSize: .sequences(4), seed: 3)
    let batches = sampler.batches(epoch: 0)
    let batch = batches[batches.startIndex]
    var loss = Float.infinity
    for _ in 0..<150 { loss = try trainer.store.backend.read(try trainer.step(batch))[0] }
    #expect(loss < 0.3)
  }

  /// What was planned in a counting pass is all that a step takes.
  @Test func trainingLeavesNoTensorBehind() throws {
    let backend = try TestBackend.cpu8.make()
    let before = backend.bytesInUse
    let progress = ProgressReport(style: .silent)
    _ = try trainer(.cpu8).train(progress: progress)
    #expect(backend.bytesInUse == before)
  }
}
