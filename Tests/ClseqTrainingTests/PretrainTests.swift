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
    ("next-sequence", .bert4rec), ("next-item,next-type,return,next-sequence*0.5", .bert4rec),
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

  /// Users of one kind have the same items, and a tenth of the others are of the same kind: at best .95. A saved run gives
  /// the same figures.
  @Test func nextSequencesAreTold() throws {
    let alone = try trainer("next-sequence", .bert4rec, .cpu8)
    let loss = try alone.store.backend.read(try alone.step(alone.batches(epoch: 0)[0]))[0]
    #expect(abs(loss - log(2)) < 0.1)
    let tasks = "next-item,next-sequence"
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(at: folder.file("run"))
    let settings = try settings(tasks, .bert4rec, epochs: 100)
    let trained = try Trainer(
      settings, dataset: try settings.loadDataset(), on: try TestBackend.cpu8.make())
    let summary = try trained.train(in: run, progress: ProgressReport(style: .silent))
    let name = "next-sequence AUC"
    #expect(try #require(summary.test[name]) > 0.8)
    let scored = try ScoredRun(run.layout, settings, dataset: try settings.loadDataset()) {
      try TestBackend.cpu8.make()
    }
    let cases = try scored.cases(of: .test)
    #expect(cases.last?.count == 240 && cases.last?.userCount == 120)
    let figures = EvaluationSummary(
      run: "run", split: "test", cases: cases, passport: scored.passport, seed: 3)
    #expect(figures.scores[name] == summary.test[name])
  }

  /// The mask and the summary, which stand above the items, go along; a run without a summary starts with the mean vector.
  @Test func summariesAreTakenAlong() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(at: folder.file("run"))
    let settings = try settings("next-item,next-sequence", .bert4rec)
    let base = try Trainer(
      settings, dataset: try settings.loadDataset(), on: try TestBackend.cpu8.make())
    _ = try base.train(in: run, progress: ProgressReport(style: .silent))
    func started(_ pooling: Pooling, from path: String) throws -> Trainer {
      var tuned = TrainingSettings(
        task: .regress, model: .network(.bert4rec), target: TargetRule("future-count"))
      (tuned.data, tuned.startFrom, tuned.pooling) = (settings.data, path, pooling)
      (tuned.horizon, tuned.maxLength, tuned[.hiddenSize]) = (20 * 86_400, 10, 24)
      (tuned.epochs, tuned.batchSize) = (1, 16)
      try tuned.validate()
      let trainer = try Trainer(
        tuned, dataset: try settings.loadDataset(), on: try TestBackend.cpu8.make())
      try trainer.takeStart()
      return trainer
    }
    func specials(_ trainer: Trainer) throws -> [Float] {
      let table = trainer.model.itemTable
      return Array(
        try trainer.store.backend.read(table.value).dropFirst(24 * (1 + trainer.model.itemCount)))
    }
    let rows = try specials(base)
    // The unknown item, the mask and the summary.
    #expect(rows.count == 3 * 24)
    let summarized = try started(.summary, from: run.path)
    #expect(try specials(summarized) == rows)
    #expect(!summarized.store.parameters.contains { $0.name.hasPrefix("segments.") })
    let plain = try started(.last, from: run.path)
    #expect(try specials(plain) == Array(rows.prefix(48)))
    let tuned = try RunDirectory.create(at: folder.file("tuned"))
    _ = try plain.train(in: tuned, progress: ProgressReport(style: .silent))
    let values = try plain.store.backend.read(plain.model.itemTable.value)
    let count = plain.model.itemCount
    let mean = (0..<24).map { column in
      Float((1...count).reduce(0) { $0 + Double(values[$1 * 24 + column]) } / Double(count))
    }
    #expect(
      try specials(started(.summary, from: tuned.path))
        == Array(values[(24 * (1 + count))...].prefix(48)) + mean)
  }

  @Test func nextSequencesNeedTwoUsers() throws {
    let folder = try TemporaryFolder()
    let log =
      "user_id,item_id,timestamp\n"
      + (0..<24).map { "u\($0 % 8),i\($0),\(1_000 + $0)\n" }.joined()
      + (0..<9).map { "long,i\($0),\(2_000 + $0)\n" }.joined()
    _ = try folder.write(log.utf8, to: "log.csv")
    var settings = try settings("next-item,next-sequence", .bert4rec)
    settings.data = folder.file("log.csv")
    let dataset = try settings.loadDataset()
    #expect {
      try Trainer(settings, dataset: dataset, on: .reference())
    } throws: { "\($0)".contains("--tasks without next-sequence") }
    settings.tasks = try #require(TaskList("next-item"))
    _ = try Trainer(settings, dataset: dataset, on: .reference())
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
      [("task", "pretrain"), ("tasks", "next-item,next-sequence"), ("model", "transformer")],
      [("task", "pretrain"), ("tasks", "contrast,next-sequence")],
      [("task", "pretrain"), ("tasks", "next-item,next-sequence"), ("max_length", "1")],
      [("task", "pretrain"), ("tasks", "next-item,next-sequence"), ("teacher", "runs/a")],
      [("task", "classify"), ("target", "user:a"), ("users", "u.csv"), ("pooling", "summary")],
      [("task", "tag"), ("model", "bert4rec"), ("pooling", "summary")],
    ])
  func settingsThatDoNotFitAreTold(_ values: [(String, String)]) throws {
    #expect(throws: SettingsError.self) {
      try TrainingSettings(layers: [SettingsLayer(origin: .commandLine, values: values)])
    }
  }
}
