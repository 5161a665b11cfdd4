import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// Every task on a small log of 70 users, from the file to the figures.
@Suite(.serialized) struct TaskTests {
  /// A task with its target, and the figures that it must give.
  struct Case: Sendable, CustomTestStringConvertible {
    let task: TaskKind
    var target = ""
    var model = ModelKind.transformer
    var scores: [String]
    /// How far the deciding figure must be better than the constant answer's; nil where the log holds
    /// nothing to go by.
    var gain: Double?

    var testDescription: String { "\(task.rawValue) \(target) \(model.name)" }
  }

  private static let binary = [
    "AUC", "PR-AUC", "log loss", "ECE (15 bins of equal mass)", "accuracy",
  ]
  private static let clicks = Array(binary[...0] + ["GAUC"] + binary[1...])
  private static let classes = ["accuracy", "macro F1", "log loss"]
  private static let several = [
    "next-item NDCG@10", "next-type accuracy", "next:price RMSE", "return concordance",
  ]
  private static let cases: [Case] = [
    Case(task: .nextEventType, scores: classes, gain: 0.3),
    Case(task: .nextEventType, model: .lstmAttention, scores: classes, gain: 0.2),
    Case(task: .click, target: "label>=3", model: .transformerCTR, scores: clicks, gain: 0.3),
    Case(task: .click, target: "type=buy", model: .din, scores: clicks, gain: 0.3),
    Case(task: .click, target: "label>=3", model: .dlrm, scores: clicks, gain: 0.3),
    Case(task: .classify, target: "churn", model: .lstm, scores: binary, gain: 0.3),
    Case(task: .classify, target: "user:plan", model: .gru, scores: classes, gain: 0.3),
    Case(task: .classify, target: "churn", model: .bert4rec, scores: binary, gain: 0.3),
    Case(
      task: .regress, target: "future-sum:price", model: .gru, scores: ["RMSE", "MAE"], gain: 1),
    Case(task: .regress, target: "next:price", model: .mlp, scores: ["RMSE", "MAE"]),
    Case(task: .regress, target: "label", model: .cnn, scores: ["RMSE", "MAE"], gain: 0.7),
    Case(task: .timeToEvent, model: .lstm, scores: ["concordance"]),
    Case(task: .timeToEvent, target: "user:days/ended", scores: ["concordance"]),
    Case(task: .tag, target: "event-label>=3", model: .bert4rec, scores: clicks, gain: 0.3),
    Case(task: .tag, target: "event-type", model: .bert4rec, scores: classes, gain: 0.3),
    Case(task: .tag, target: "event-type", model: .gru, scores: classes, gain: 0.3),
    Case(task: .multi, scores: several), Case(task: .multi, model: .bert4rec, scores: several),
  ]

  /// Views, carts and purchases with prices and ratings over a hundred days; the last of each user at
  /// the latest a third before the end for every other one.
  private static let files = Result {
    let folder = try TemporaryFolder()
    var numbers = TestNumbers(seed: 11)
    var log = "user_id,item_id,event,timestamp,rating,price\n"
    var users = "user_id,plan,days,ended\n"
    for user in 0..<210 {
      var hour = Int(numbers.indices(1, below: 300)[0])
      let end = user % 2 == 0 ? 2_400 : 1_500
      var count = user
      while hour < end {
        // Items tell the plan, types follow one another, and a rating is that of the item.
        let item = 3 * Int(numbers.indices(1, below: 7)[0]) + user % 3
        let type = ["view", "cart", "buy"][count % 3]
        let rating = 1 + item % 5
        count += 1
        log +=
          "u\(user),i\(item),\(type),\(1_700_000_000 + hour * 3_600),\(rating),\(item % 7 + 1)\n"
        hour += 20 + Int(numbers.indices(1, below: 200)[0])
      }
      users += "u\(user),\(["free", "gold", "team"][user % 3]),\(10 + user % 9),\(user % 2)\n"
    }
    _ = try folder.write(log.utf8, to: "log.csv")
    _ = try folder.write(users.utf8, to: "users.csv")
    return folder
  }

  private func settings(_ test: Case) throws -> TrainingSettings {
    var settings = TrainingSettings(
      task: test.task, model: .network(test.model), target: TargetRule(test.target))
    let folder = try Self.files.get()
    settings.data = folder.file("log.csv")
    if test.target.hasPrefix("user:") { settings.users = folder.file("users.csv") }
    settings.tasks = try #require(TaskList("next-item,next-type*0.5,next:price,return"))
    settings.eventFeatures = [FeatureRequest("price:log")]
    settings.horizon = 30 * 86_400
    settings.maxLength = 10
    settings[.hiddenSize] = 24
    settings[.recurrentSizes] = [16]
    settings[.denseSize] = 8
    settings.batchSize = 8
    settings.epochs = 2
    settings.seed = 3
    settings.bins = 5
    try settings.validate()
    return settings
  }

  private func trainer(_ test: Case, _ kind: TestBackend) throws -> Trainer {
    let settings = try settings(test)
    return try Trainer(settings, dataset: try settings.loadDataset(), on: try kind.make())
  }

  @Test(arguments: TestBackend.onDevice, cases)
  func tenLossesAgreeWithTheReference(_ kind: TestBackend, _ test: Case) throws {
    let losses = try [kind, .reference].map { kind in
      let trainer = try trainer(test, kind)
      let batches = trainer.batches(epoch: 0)
      return try (0..<10).map { step in
        try trainer.store.backend.read(try trainer.step(batches[step % batches.count]))[0]
      }
    }
    for (device, reference) in zip(losses[0], losses[1]) {
      #expect(abs(device - reference) < Tolerance.loss(reference))
    }
  }

  /// Where the log holds what foretells the target, a model is far better than the same answer for
  /// everyone, and elsewhere about as good.
  @Test(arguments: cases) func givesItsFigures(_ test: Case) throws {
    var settings = try settings(test)
    (settings.epochs, settings.learningRate, settings[.dropout]) = (30, 0.01, 0)
    let trainer = try Trainer(
      settings, dataset: try settings.loadDataset(), on: try TestBackend.cpu8.make())
    let summary = try trainer.train(progress: ProgressReport(style: .silent))
    for name in test.scores {
      #expect(summary.test[name]?.isFinite ?? false, "\(name) of \(summary.test)")
    }
    #expect(summary.bestEpoch > 0)
    #expect(summary.passport.task.hasPrefix(test.task.rawValue))
    guard test.task != .multi else { return }
    #expect(summary.scoreNames == test.scores)
    let constant = try #require(trainer.neighbours(of: .test).first).scores
    #expect(constant.names == test.scores)
    let deciding = SelectionMetric(name: test.scores[0])
    let values = try [summary.test, constant.dictionary].map {
      try #require(deciding.orientedValue(of: $0))
    }
    if let gain = test.gain {
      #expect(values[0] > values[1] + gain, "\(summary.test) beside \(constant.dictionary)")
    } else {
      #expect(abs(values[0] - values[1]) < 0.35, "\(summary.test) beside \(constant.dictionary)")
    }
  }

  /// A batch can be learned by heart.
  @Test(arguments: cases) func overfitsOneBatch(_ test: Case) throws {
    var settings = try settings(test)
    settings[.dropout] = 0
    settings.learningRate = 0.01
    let trainer = try Trainer(
      settings, dataset: try settings.loadDataset(), on: try TestBackend.cpu8.make())
    let batch = trainer.batches(epoch: 0)[0]
    func loss() throws -> Float { try trainer.store.backend.read(try trainer.step(batch))[0] }
    let first = try loss()
    for _ in 0..<400 { _ = try loss() }
    #expect(try loss() < 0.3 * first)
  }

  @Test(arguments: cases) func sameSeedSameBytes(_ test: Case) throws {
    let values = try (0..<2).map { _ in
      let trainer = try trainer(test, .cpu8)
      for batch in trainer.batches(epoch: 0) { _ = try trainer.step(batch) }
      return try trainer.store.backend.read(trainer.store.values).map(\.bitPattern)
    }
    #expect(values[0] == values[1])
  }

  @Test(
    arguments: [
      (TaskKind.nextEventType, "", "event types"), (.click, "label", "labels"),
      (.classify, "user:plan", "attributes of users"), (.regress, "next:price", "price"),
      (.regress, "future-sum:weight", "weight"), (.timeToEvent, "return", "times"),
    ])
  func dataThatDoesNotFitIsTold(_ task: TaskKind, _ target: String, _ missing: String) throws {
    let folder = try TemporaryFolder()
    let lines = (0..<160).map { "u\($0 % 40) i\($0 % 7)\n" }.joined()
    var settings = TrainingSettings(task: task, target: TargetRule(target))
    settings.data = try folder.write(lines.utf8, to: "log.txt")
    settings.horizon = 86_400
    if settings.splitBy == .time { settings.splitBy = .leaveOneOut }
    #expect {
      _ = try Trainer(settings, dataset: try settings.loadDataset(), on: .reference())
    } throws: { error in
      "\(error)".contains(missing)
    }
  }

  @Test func labelsMustBeZeroAndOne() throws {
    var settings = try settings(
      Case(task: .click, target: "label>=3", model: .transformerCTR, scores: []))
    settings.target = .label(least: nil)
    let dataset = try settings.loadDataset()
    #expect { try Trainer(settings, dataset: dataset, on: .reference()) } throws: { error in
      "\(error)".contains("label>=NUMBER")
    }
    settings.target = .label(least: 0)
    #expect { try Trainer(settings, dataset: dataset, on: .reference()) } throws: { error in
      "\(error)".contains("one class alone")
    }
  }

  @Test(
    arguments: [
      ("task", "click", "target", "churn"), ("task", "regress", "loss", "bpr"),
      ("task", "classify", "split_by", "time"), ("model", "din", "task", "next-item"),
      ("task", "multi", "tasks", "next-item"), ("model", "lstm", "recurrent_sizes", "128,x"),
      ("model", "bert4rec", "task", "click"), ("model", "din", "task", "tag"),
      ("model", "bert4rec", "task", "next-event-type"), ("model", "bert4rec", "mask_random", "1.5"),
      ("model", "seq2seq", "task", "pretrain"), ("model", "seq2seq", "target_length", "0"),
      ("task", "click", "inputs", "colour"), ("task", "classify", "target", "churn"),
    ])
  func settingsThatDoNotFitAreTold(_ a: String, _ b: String, _ c: String, _ d: String) throws {
    #expect(throws: SettingsError.self) {
      try TrainingSettings(layers: [
        SettingsLayer(origin: .commandLine, values: [(a, b), (c, d)])
      ])
    }
  }

  @Test func aTaskAndAModelBringTheirDefaults() throws {
    let click = try TrainingSettings(layers: [
      SettingsLayer(origin: .commandLine, values: [("task", "click")])
    ])
    #expect(click.model == .network(.transformerCTR) && click[.hiddenSize] == 96)
    #expect(click[.heads] == 8 && click.splitBy == .time && click[.positions] == .sinusoidal)
    let masked = TrainingSettings(task: .nextItem, model: .network(.bert4rec))
    #expect(masked.batchSize == 64 && masked.schedule == .cosine && masked.learningRate == 0.003)
    let tuned = TrainingSettings(task: .classify, model: .network(.bert4rec))
    #expect(tuned.batchSize == 128 && tuned.schedule == .constant)
    let churn = try TrainingSettings(layers: [
      SettingsLayer(
        origin: .commandLine,
        values: [("hidden_size", "32"), ("task", "classify"), ("horizon", "90d")])
    ])
    #expect(churn.splitBy == .user && churn[.hiddenSize] == 32 && churn.horizon == 90 * 86_400)
  }

  /// Users' last events are part of training and of the figures: nothing came after them.
  @Test func whoDoesNotReturnIsCensored() throws {
    let settings = try settings(Case(task: .timeToEvent, scores: []))
    #expect(settings.splitBy == .user)
    let dataset = try settings.loadDataset()
    let trainer = try Trainer(settings, dataset: dataset, on: .reference())
    let batches = trainer.batches(epoch: 0)
    let asked = batches.flatMap { batch in batch.targetRows.map { batch.places[Int($0)] } }
    let trained = (0..<dataset.userCount).filter { !trainer.split.training(of: $0).isEmpty }
    #expect(trained.count > 40)
    for user in trained { #expect(asked.contains(Int(dataset.offsets[user + 1]) - 1)) }
  }

  /// What an event is asked about is not among its inputs, and neither is how long it took.
  @Test func durationsOfEventsThatAreAskedAboutAreNoInputs() throws {
    let folder = try TemporaryFolder()
    let log =
      "user_id,item_id,timestamp,end_time,label\n"
      + (0..<20).map { "u\($0 % 4),i\($0 % 5),\(1_000 + $0),\(1_009 + $0),\($0 % 2)\n" }.joined()
    _ = try SequenceDataset.prepare(
      path: folder.write(log.utf8, to: "log.csv"), rules: DatasetRules(),
      to: folder.file("data"), version: "test")
    let dataset = try SequenceDataset.load(path: folder.file("data"))
    #expect(dataset.features.map(\.request.name) == ["duration"])
    #expect(try InputEncoding(nil, rule: .label(least: nil), of: dataset).features.isEmpty)
    #expect(try InputEncoding(nil, rule: .returnTime, of: dataset).features.count == 1)
  }

  @Test func headsOfLikeNamesAreTold() throws {
    var settings = try settings(Case(task: .multi, scores: []))
    settings.tasks = try #require(TaskList("next-type,next:price,return"))
    let trainer = try Trainer(settings, dataset: try settings.loadDataset(), on: .reference())
    let names = trainer.store.parameters.map(\.name).filter { $0.hasPrefix("head") }
    #expect(names.count == 6 && Set(names).count == 6)
  }

  /// A bad number stops training at its step, and the parameters are what they were.
  @Test(arguments: [TestBackend.reference, .cpu8, .gpu])
  func aNumberThatIsNoneStopsTheStepAndIsNamed(_ kind: TestBackend) throws {
    let test = Case(task: .regress, target: "next:price", scores: [])
    let trainer = try trainer(test, kind)
    let backend = trainer.store.backend
    let parameter = trainer.store.parameters[0]
    var values = try backend.read(parameter.value)
    values[24 + 5] = .infinity
    try backend.write(values, to: parameter.value)
    let progress = ProgressReport(style: .silent)
    #expect {
      try trainer.train(progress: progress)
    } throws: { error in
      guard let diverged = error as? TrainingDiverged else { return false }
      return diverged.step >= 1 && diverged.tensor == parameter.name && diverged.element == 29
    }
  }
}
