import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqRuntime
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// Runs that learn from the scores of another.
@Suite(.serialized) struct DistillationTests {
  /// A training that learns from a shop's run.
  private func student(
    of shop: TrainedShop, kind: TestBackend = .reference,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Trainer {
    var settings = shop.settings
    settings.teacher = shop.folder.file("run")
    change(&settings)
    return try Trainer(settings, dataset: try settings.loadDataset(), on: try kind.make())
  }

  /// The loss of a first step on the first batch.
  private func firstLoss(_ trainer: Trainer) throws -> Float {
    let batches = trainer.batches(epoch: 0)
    return try trainer.store.backend.read(try trainer.step(batches[batches.startIndex]))[0]
  }

  /// A student that begins with the teacher's parameters gives the same scores in each place: nothing is to be
  /// learned. A teacher that saw other events, or another place, would teach something.
  @Test(
    arguments: [TestBackend.reference, .cpu8, .gpu],
    [ModelKind.transformer, .bert4rec, .lstm, .seq2seq, .lstmSeq2seq])
  func aCopyOfTheTeacherHasNothingToLearn(_ kind: TestBackend, _ model: ModelKind) throws {
    let shop = try TrainedShop(kind) { settings, _ in
      settings.model = .network(model)
      (settings[.dropout], settings.learningRate) = (0, 0.1)
    }
    let copy = try student(of: shop, kind: kind) {
      ($0.teacherWeight, $0.startFrom) = (1, shop.folder.file("run"))
    }
    try copy.takeStart()
    // Of losses near 3: rounding alone.
    #expect(abs(try firstLoss(copy)) < 1e-5)
    let other = try student(of: shop, kind: kind) { $0.teacherWeight = 1 }
    #expect(try firstLoss(other) > 0.01)
  }

  /// Models of another kind and width learn too: alone from the teacher they come near to its scores.
  @Test(arguments: [ModelKind.lstm, .transformer])
  func aSmallerModelLearnsFromTheTeacherAlone(_ model: ModelKind) throws {
    let shop = try TrainedShop(.cpu8) { settings, _ in settings.inputs = .kinds([.type]) }
    let small = try student(of: shop, kind: .cpu8) {
      ($0.model, $0.teacherWeight) = (.network(model), 1)
      $0[.hiddenSize] = 8
    }
    let first = try firstLoss(small)
    let batches = small.batches(epoch: 0)
    for _ in 0..<60 { _ = try small.step(batches[batches.startIndex]) }
    #expect(try firstLoss(small) < first / 2)
  }

  /// The loss is a mixture.
  @Test func hardAndSoftTargetsAreMixed() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    func loss(_ change: (inout TrainingSettings) -> Void) throws -> Float {
      try firstLoss(
        try student(of: shop) {
          $0[.dropout] = 0
          change(&$0)
        })
    }
    let hard = try loss { $0.teacher = "" }
    let soft = try loss { $0.teacherWeight = 1 }
    let mixed = try loss { $0.teacherWeight = 0.25 }
    #expect(abs(mixed - (0.75 * hard + 0.25 * soft)) < 1e-5 * hard)
    let smoothed = try loss { ($0.teacher, $0.labelSmoothing) = ("", 0.5) }
    #expect(abs(smoothed - hard) > 1e-4)
  }

  /// A run that is resumed gives the bytes of one that was not; its passport and its scores are known without
  /// the teacher.
  @Test func aRunGoesOnWithItsTeacherAlone() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let whole = try student(of: shop)
    _ = try whole.train(progress: ProgressReport(style: .silent))
    let path = shop.folder.file("student")
    func interrupt() throws -> String {
      let run = try RunDirectory.create(at: path)
      let cut = try student(of: shop)
      try cut.prepare(run)
      var remaining = 3
      #expect(throws: TrainingInterrupted.self) {
        _ = try cut.train(in: run, progress: ProgressReport(style: .silent)) {
          remaining -= 1
          return remaining == 0
        }
      }
      return try #require(try run.layout.passport().teacher)
    }
    let told = try interrupt()
    #expect(told.hasPrefix(shop.folder.file("run")) && told.contains("transformer, step-"))
    // Another teacher in the same place.
    let place = shop.folder.file("run")
    try FileManager.default.moveItem(atPath: place, toPath: place + ".kept")
    let other = try TrainedShop(.reference) { settings, _ in settings.seed = 9 }
    try FileManager.default.copyItem(atPath: other.folder.file("run"), toPath: place)
    #expect(
      try fault { _ = try student(of: shop).prepare(try RunDirectory.resume(at: path)) }
        .contains("bring the teacher back"))
    try FileManager.default.removeItem(atPath: place)
    #expect(try fault { _ = try student(of: shop) }.contains("no run at"))
    try FileManager.default.moveItem(atPath: place + ".kept", toPath: place)
    let rest = try student(of: shop)
    let resumed = try RunDirectory.resume(at: path)
    try rest.prepare(resumed)
    _ = try rest.train(in: resumed, progress: ProgressReport(style: .silent))
    let values = try [rest, whole].map { try $0.store.backend.read($0.store.values) }
    #expect(values[0] == values[1] && rest.passport.teacher == told)
    try FileManager.default.removeItem(atPath: place)
    let layout = try RunLayout.existing(at: path)
    let settings = try layout.settings()
    let scored = try ScoredRun(layout, settings, dataset: try settings.loadDataset()) {
      try TestBackend.reference.make()
    }
    #expect(scored.passport.teacher == told)
  }

  private func fault(_ body: () throws -> Void) throws -> String {
    do {
      try body()
      return ""
    } catch { return "\(error)" }
  }

  @Test func aTeacherThatDoesNotFitIsRefused() throws {
    let shop = try TrainedShop(.reference) { settings, _ in settings.inputs = .kinds([.type]) }
    func fault(_ change: @escaping (inout TrainingSettings) -> Void) throws -> String {
      try self.fault { _ = try student(of: shop, change) }
    }
    #expect(try fault { $0.inputs = .kinds([]) }.contains("takes event types"))
    #expect(try fault { $0.maxLength = 9 }.contains("--max-length 8"))
    #expect(try fault { $0.model = .network(.bert4rec) }.contains("another bert4rec"))
    #expect(try fault { $0.loss = .bce }.contains("--loss cross-entropy"))
    #expect(try fault { $0.task = .nextEventType }.contains("ranks items"))
    let rows = shop.rows.filter { $0.item != "i3" }
    let path = try TrainedShop.write(rows, to: shop.folder, "fewer.csv")
    #expect(try fault { $0.data = path }.contains("ranks other items than"))
    let types = try TrainedShop(.reference) { settings, _ in settings.task = .nextEventType }
    let place = types.folder.file("run")
    #expect(try fault { $0.teacher = place }.contains("ranks no items"))
  }

  /// The teacher's memory is foretold, and batches may be cut into parts.
  @Test func memoryIsAsPlanned() throws {
    let shop = try TrainedShop(.cpu8) { settings, _ in settings[.hiddenSize] = 64 }
    var settings = shop.settings
    (settings.teacher, settings[.hiddenSize]) = (shop.folder.file("run"), 16)
    let dataset = try settings.loadDataset()
    let plan = try TrainingPlan(settings, dataset: dataset)
    let whole = try Trainer(settings, dataset: dataset, on: try settings.openBackend())
    let summary = try whole.train(progress: ProgressReport(style: .silent))
    // Room for the gaps of smaller batches, as is planned with.
    let room = (1 << 16) + plan.deviceBytes / 16
    #expect((0...room).contains(summary.peakDeviceBytes - plan.deviceBytes))
    settings.memory = try TrainingPlan.smallestDeviceBytes(
      settings, split: try settings.taskSplit(dataset))
    let losses = try [0, settings.memory].map { memory in
      settings.memory = memory
      let trainer = try Trainer(settings, dataset: dataset, on: try settings.openBackend())
      try trainer.reserveMemory()
      return try firstLoss(trainer)
    }
    #expect(abs(losses[0] - losses[1]) < Tolerance.loss(losses[0]))
  }
}
