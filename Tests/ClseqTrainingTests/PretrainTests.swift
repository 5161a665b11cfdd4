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

/// Training without labels: masked targets beside items, and slices of users against each other.
@Suite struct PretrainTests {
  /// Users of ten kinds; items tell the kind, types follow one another.
  private static let folder = Result {
    let folder = try TemporaryFolder()
    var numbers = TestNumbers(seed: 5)
    var log = "user_id,item_id,event,timestamp\n"
    for user in 0..<120 {
      for event in 0..<(4 + user % 9) {
        let item = 5 * (user % 10) + Int(numbers.indices(1, below: 5)[0])
        let type = ["view", "cart", "buy"][(user + event) % 3]
        log += "u\(user),i\(item),\(type),\(1_700_000_000 + 3_600 * (7 * user + event * event))\n"
      }
    }
    _ = try folder.write(log.utf8, to: "log.csv")
    return folder
  }

  private func settings(
    _ tasks: String, _ model: ModelKind, epochs: Int = 2
  ) throws -> TrainingSettings {
    var settings = TrainingSettings(task: .pretrain, model: .network(model))
    settings.data = try Self.folder.get().file("log.csv")
    settings.tasks = try #require(TaskList(tasks))
    (settings.maxLength, settings[.hiddenSize], settings[.recurrentSizes]) = (10, 24, [16])
    (settings.batchSize, settings.epochs, settings.seed) = (16, epochs, 3)
    (settings.learningRate, settings.patience, settings[.dropout]) = (0.01, 0, 0)
    try settings.validate()
    return settings
  }

  private func trainer(
    _ tasks: String, _ model: ModelKind, _ kind: TestBackend, epochs: Int = 2
  ) throws -> Trainer {
    let settings = try settings(tasks, model, epochs: epochs)
    return try Trainer(settings, dataset: try settings.loadDataset(), on: try kind.make())
  }

  private static let cases: [(String, ModelKind)] = [
    ("contrast", .bert4rec), ("contrast", .gru), ("next-item,contrast*0.5", .transformer),
    ("next-item,next-type,return,contrast", .bert4rec), ("next-type", .bert4rec),
  ]

  @Test(arguments: TestBackend.onDevice, cases.indices)
  func tenLossesAgreeWithTheReference(_ kind: TestBackend, _ number: Int) throws {
    let (tasks, model) = Self.cases[number]
    let losses = try [kind, .reference].map { kind in
      let trainer = try trainer(tasks, model, kind)
      let batches = trainer.batches(epoch: 0)
      return try (0..<10).map { step in
        try trainer.store.backend.read(try trainer.step(batches[step % batches.count]))[0]
      }
    }
    for (device, reference) in zip(losses[0], losses[1]) {
      #expect(abs(device - reference) < Tolerance.loss(reference))
    }
  }

  /// At the start all slices are about as similar to each other, but for the shared events: near log P.
  /// After training, users of one kind are what is left to confuse.
  @Test(arguments: [ModelKind.bert4rec, .gru])
  func contrastTellsUsersApart(_ model: ModelKind) throws {
    let trainer = try trainer("contrast", model, .cpu8, epochs: 30)
    let before = try trainer.scores(of: .validation)
    let summary = try trainer.train(progress: ProgressReport(style: .silent))
    let after = try #require(summary.validation["contrast MRR@10"])
    // Ten of a hundred users are of one kind: the mean of 1/rank among ten is .29.
    let first = try #require(before["contrast MRR@10"])
    #expect(after > 0.2 && after > first + 0.05)
    #expect(summary.scoreNames.allSatisfy { $0.hasPrefix("contrast ") })
  }

  /// A masked model tells the type behind a mask from the types beside it: users of this log have one each.
  @Test func typesBehindMasksAreLearned() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOfFile: Self.folder.get().file("log.csv"), encoding: .utf8)
    let lines = text.split(separator: "\n").enumerated().map { number, line in
      var cells = line.split(separator: ",").map(String.init)
      if number > 0 {
        cells[2] = ["view", "cart", "buy"][(Int(cells[0].dropFirst()) ?? 0) % 3]
      }
      return cells.joined(separator: ",") + "\n"
    }
    _ = try folder.write(lines.joined().utf8, to: "log.csv")
    var settings = try settings("next-item,next-type", .bert4rec, epochs: 30)
    settings.data = folder.file("log.csv")
    let trainer = try Trainer(
      settings, dataset: try settings.loadDataset(), on: try TestBackend.cpu8.make())
    let summary = try trainer.train(progress: ProgressReport(style: .silent))
    #expect(try #require(summary.test["next-type accuracy"]) > 0.9)
  }

  /// Users of a batch are compared, so that it is not cut into parts.
  @Test func aBatchThatDoesNotFitIsRefused() throws {
    var settings = try settings("next-item,contrast", .bert4rec)
    let dataset = try settings.loadDataset()
    (settings.device, settings.memory) = ("cpu", 600_000)
    #expect(throws: OpenCLError.self) {
      try Trainer(settings, dataset: dataset, on: try settings.openBackend()).reserveMemory()
    }
    settings.tasks = try #require(TaskList("next-item"))
    try Trainer(settings, dataset: dataset, on: try settings.openBackend()).reserveMemory()
  }

  @Test func oneItemIsRefused() throws {
    let folder = try TemporaryFolder()
    let log =
      "user_id,item_id,timestamp\n"
      + (0..<40).map { "u\($0 % 8),cd,\(1_000 + $0)\n" }.joined()
    _ = try folder.write(log.utf8, to: "log.csv")
    var settings = try settings("next-item,contrast", .bert4rec)
    settings.data = folder.file("log.csv")
    let dataset = try settings.loadDataset()
    #expect {
      try Trainer(settings, dataset: dataset, on: .reference())
    } throws: { "\($0)".contains("--tasks without next-item") }
    settings.tasks = try #require(TaskList("contrast"))
    _ = try Trainer(settings, dataset: dataset, on: .reference())
  }

  @Test(
    arguments: [
      [("task", "multi"), ("tasks", "contrast")], [("task", "pretrain"), ("tasks", "next-item,x")],
      [("task", "pretrain"), ("tasks", "contrast,contrast")],
      [("task", "pretrain"), ("batch_size", "1")],
    ])
  func settingsThatDoNotFitAreTold(_ values: [(String, String)]) throws {
    #expect(throws: SettingsError.self) {
      try TrainingSettings(layers: [SettingsLayer(origin: .commandLine, values: values)])
    }
  }
}
