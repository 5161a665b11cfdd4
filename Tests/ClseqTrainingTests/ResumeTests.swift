import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqShop
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// What a run directory goes on from. Kills, full disks and lost power are tried from outside, by
/// `Tests/Reliability`.
@Suite(.serialized) struct ResumeTests {
  private let folder: TemporaryFolder
  private static let dataset = Result {
    try ShopLog(users: 60, items: 40, eventsPerUser: 5...20, seed: 7).dataset()
  }

  init() throws { folder = try TemporaryFolder() }

  private func trainer(
    on kind: TestBackend = .reference, storage: Tensor.ElementType = .float32,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Trainer {
    var settings = TrainingSettings()
    settings.maxLength = 12
    settings[.hiddenSize] = 8
    settings.batchSize = 16
    settings.epochs = 3
    settings.learningRate = 0.01
    settings.checkpointEvery = .steps(1)
    settings.seed = 3
    change(&settings)
    return try Trainer(
      settings, dataset: try Self.dataset.get(), on: try kind.make(storage: storage))
  }

  private func values(_ trainer: Trainer) throws -> [UInt32] {
    try trainer.store.backend.read(trainer.store.values).map(\.bitPattern)
  }

  @discardableResult
  private func finish(_ trainer: Trainer, in run: RunDirectory? = nil) throws -> TrainingSummary {
    let progress = ProgressReport(style: .silent)
    return try trainer.train(in: run, progress: progress)
  }

  /// A run that was interrupted after so many steps.
  private func interrupted(
    after steps: Int, on kind: TestBackend = .reference,
    storage: Tensor.ElementType = .float32, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> RunLayout {
    let run = try RunDirectory.create(at: folder.file("run"))
    let trainer = try trainer(on: kind, storage: storage, change)
    try trainer.prepare(run)
    let progress = ProgressReport(style: .silent)
    var remaining = steps
    #expect(throws: TrainingInterrupted.self) {
      _ = try trainer.train(in: run, progress: progress) {
        remaining -= 1
        return remaining == 0
      }
    }
    return run.layout
  }

  private func cutOff(_ checkpoint: Checkpoint) throws {
    let path = checkpoint.file("model.safetensors")
    try Data(contentsOf: URL(fileURLWithPath: path)).dropLast()
      .write(to: URL(fileURLWithPath: path))
  }

  @Test func passesOverADamagedCheckpoint() throws {
    let layout = try interrupted(after: 7)
    let checkpoints = try layout.checkpoints()
    try cutOff(checkpoints[checkpoints.count - 1])
    let trainer = try trainer()
    let run = try RunDirectory.resume(at: layout.path)
    let point = try #require(try trainer.prepare(run))
    #expect(point.checkpoint == checkpoints[checkpoints.count - 2])
    #expect(
      point.damages == [
        .damaged(path: checkpoints[checkpoints.count - 1].file("model.safetensors"))
      ])
    let summary = try finish(trainer, in: run)
    let whole = try self.trainer()
    let expected = try finish(whole)
    #expect(try values(trainer) == values(whole))
    #expect(summary.test == expected.test && summary.bestEpoch == expected.bestEpoch)
  }

  /// Files are float32, in which tables and moments of bf16 are exact; random rounding goes by the step.
  @Test(arguments: TestBackend.allCases)
  func tablesInHalfTheMemoryGoOnTheSame(_ kind: TestBackend) throws {
    let layout = try interrupted(after: 7, on: kind, storage: .bf16)
    let rest = try trainer(on: kind, storage: .bf16)
    #expect(rest.model.itemTable.value.elementType == .bf16)
    let run = try RunDirectory.resume(at: layout.path)
    try rest.prepare(run)
    let summary = try finish(rest, in: run)
    let whole = try trainer(on: kind, storage: .bf16)
    let expected = try finish(whole)
    #expect(try values(rest) == values(whole))
    #expect(summary.test == expected.test)
    let plain = try trainer(on: kind)
    try finish(plain)
    #expect(try values(plain) != values(whole))
  }

  /// Masks, cuts and slices follow from the epoch, not from what was drawn before.
  @Test(
    arguments: TestBackend.allCases,
    [
      (ModelKind.bert4rec, ""), (.seq2seq, ""), (.lstmSeq2seq, ""),
      (.bert4rec, "next-item,contrast"), (.bert4rec, "next-item,next-sequence"),
    ])
  func hiddenEventsGoOnTheSame(_ kind: TestBackend, _ lesson: (ModelKind, String)) throws {
    let change: (inout TrainingSettings) -> Void = {
      if let tasks = TaskList(lesson.1) { ($0.task, $0.tasks) = (.pretrain, tasks) }
      $0.model = .network(lesson.0)
      ($0[.maskRandom], $0[.maskKept], $0[.maskSpan]) = (0.1, 0.1, 2)
      $0[.scheduledSampling] = 0.7
    }
    let layout = try interrupted(after: 7, on: kind, change)
    let rest = try trainer(on: kind, change)
    let run = try RunDirectory.resume(at: layout.path)
    try rest.prepare(run)
    let summary = try finish(rest, in: run)
    let whole = try trainer(on: kind, change)
    let expected = try finish(whole)
    #expect(try values(rest) == values(whole))
    #expect(summary.test == expected.test)
  }

  /// Draws of codes, words that are not given and the weight of the divergence follow from the epoch.
  @Test(arguments: TestBackend.allCases, [ModelKind.autoencoder, .vae, .convAutoencoder])
  func codesGoOnTheSame(_ kind: TestBackend, _ model: ModelKind) throws {
    let change: (inout TrainingSettings) -> Void = {
      ($0.task, $0.model, $0.splitBy) = (.reconstruct, .network(model), .user)
      ($0[.codeSize], $0[.recurrentSizes], $0[.wordDropout]) = (4, [8], 0.3)
      $0[.klWarmupEpochs] = 2
    }
    let layout = try interrupted(after: 5, on: kind, change)
    let rest = try trainer(on: kind, change)
    let run = try RunDirectory.resume(at: layout.path)
    try rest.prepare(run)
    let summary = try finish(rest, in: run)
    let whole = try trainer(on: kind, change)
    let expected = try finish(whole)
    #expect(try values(rest) == values(whole))
    #expect(summary.test == expected.test)
  }

  /// A table of float32 is rounded when a training goes on in bf16, and the other way is exact.
  @Test func aCheckpointFitsEitherStorage() throws {
    let layout = try interrupted(after: 7)
    let checkpoint = try #require(try layout.checkpoints().last)
    let (plain, half) = (try trainer(), try trainer(storage: .bf16))
    try plain.load(checkpoint)
    try half.load(checkpoint)
    func table(_ trainer: Trainer) throws -> [Float] {
      try trainer.store.backend.read(trainer.model.itemTable.value)
    }
    #expect(
      try table(half) == table(plain).map { BFloat16Reference.widen(BFloat16Reference.round($0)) })
  }

  @Test func refusesWhenAllAreDamaged() throws {
    let layout = try interrupted(after: 7)
    for checkpoint in try layout.checkpoints() { try cutOff(checkpoint) }
    let run = try RunDirectory.resume(at: layout.path)
    #expect(throws: CheckpointError.self) { try trainer().prepare(run) }
  }

  /// Checksums may agree with what no training comes to: such a file is named, and nothing is counted on
  /// from its numbers.
  @Test(arguments: [
    #""batch" : -1"#, #""batch" : 1000"#, #""epoch" : 0"#, #""epoch" : 4294967297"#,
    #""epoch" : 1, "bestCheckpoint" : "../../else""#, #""step" : -1"#,
    #""step" : 9223372036854775807"#, #""staleCount" : 9223372036854775807"#,
    #""elapsedSeconds" : -1"#, #""rates" : [ 1e300 ]"#, #""weight" : -1"#,
  ])
  func anImpossibleStateIsRefused(_ entry: String) throws {
    let layout = try interrupted(after: 7)
    let newest = try #require(try layout.checkpoints().last)
    let key = try #require(entry.split(separator: " ").first)
    let state = try String(contentsOfFile: newest.file("state.json"), encoding: .utf8)
    let pattern = try Regex(key + #" : (\[[^\]]*\]|[^,\n}]*)"#)
    let changed = state.replacing(pattern, with: entry)
    #expect(changed != state)
    let run = try RunDirectory.resume(at: layout.path)
    let made = try run.saveCheckpoint("step-999999999") { folder in
      for name in ["model.safetensors", "optimizer.safetensors"] {
        try FileManager.default.copyItem(atPath: newest.file(name), toPath: "\(folder)/\(name)")
      }
      try changed.write(toFile: "\(folder)/state.json", atomically: false, encoding: .utf8)
    }
    #expect(throws: CheckpointError.damaged(path: made.file("state.json"))) {
      try trainer().prepare(run)
    }
  }

  /// An epoch that the time has ended is scored, and leaves no trace in a run that goes on.
  @Test func anEpochCutByTimeGoesOn() throws {
    let run = try RunDirectory.create(at: folder.file("run"))
    let cut = try trainer { $0.maxTime = 1e-9 }
    try cut.prepare(run)
    let summary = try finish(cut, in: run)
    #expect(summary.bestEpoch == 1 && summary.epochs == 1 && summary.trainingEventsPerSecond > 0)
    #expect(try run.layout.best()?.name == "step-000000001")
    let rest = try trainer()
    try rest.prepare(run)
    _ = try finish(rest, in: run)
    let whole = try trainer()
    _ = try finish(whole)
    #expect(try values(rest) == values(whole))
    let lines = try String(contentsOfFile: run.layout.metricsPath, encoding: .utf8)
    #expect(lines.split(separator: "\n").count == 3)
  }

  @Test func keepsTheNewestAndTheBest() throws {
    let run = try RunDirectory.create(at: folder.file("run"))
    let trainer = try trainer { $0.keepCheckpoints = 3 }
    try trainer.prepare(run)
    _ = try finish(trainer, in: run)
    let names = try run.layout.checkpoints().map(\.name)
    let best = try #require(try run.layout.best()).name
    #expect(Set(names).subtracting([best]).count <= 3 && names.count >= 3)
    #expect(names.last == "step-000000012-validated")
  }

  /// The row of no item, which no loss and no gradient ever sees, is infinite.
  @Test func anInfiniteParameterIsNeverSaved() throws {
    let run = try RunDirectory.create(at: folder.file("run"))
    let trainer = try trainer { $0.checkpointEvery = .epoch }
    try trainer.prepare(run)
    var values = try trainer.store.backend.read(trainer.store.values)
    values[0] = .infinity
    try trainer.store.backend.write(values, to: trainer.store.values)
    #expect {
      try finish(trainer, in: run)
    } throws: { error in
      (error as? TrainingDiverged)?.tensor == trainer.store.parameters[0].name
    }
    #expect(try run.layout.checkpoints().isEmpty)
  }

  @Test(arguments: [
    ("epoch", CheckpointInterval.epoch), ("500", .steps(500)), ("10m", .seconds(600)),
    ("1.5h", .seconds(5400)),
  ])
  func intervals(_ text: String, _ interval: CheckpointInterval) {
    #expect(CheckpointInterval(text) == interval)
    #expect(CheckpointInterval(interval.description) == interval)
  }

  @Test(arguments: ["", "0", "-1", "m", "0s", "-3m", "nan", "infs", "epochs", "1w"])
  func wrongIntervals(_ text: String) { #expect(CheckpointInterval(text) == nil) }
}
