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

/// Attributes of items as what a model tells: the part `item-attributes`.
@Suite struct ItemAttributeTests {
  /// Each user goes through the colours in turn, with items of one maker; the last items have no row in the table.
  private static let folder = Result {
    let folder = try TemporaryFolder()
    var numbers = TestNumbers(seed: 5)
    var log = "user_id,item_id,timestamp\n"
    for user in 0..<120 {
      for event in 0..<(5 + user % 6) {
        let item = 4 * Int(numbers.indices(1, below: 8)[0]) + (user + event) % 4
        log += "u\(user),i\(item),\(1_700_000_000 + 60 * event)\n"
      }
    }
    _ = try folder.write(log.utf8, to: "log.csv")
    var table = "item_id,title,colour,makers,price\n"
    for item in 0..<30 {
      let makers = item % 3 == 0 ? "a|b" : item % 3 == 1 ? "b" : ""
      table +=
        "i\(item),title \(item),\(["red", "green", "blue", "black"][item % 4]),\(makers),\(item).5\n"
    }
    _ = try folder.write(table.utf8, to: "items.csv")
    return folder
  }

  private func settings(
    _ tasks: String, _ model: ModelKind = .bert4rec, epochs: Int = 2
  ) throws -> TrainingSettings {
    var settings = TrainingSettings(task: .pretrain, model: .network(model))
    settings.data = try Self.folder.get().file("log.csv")
    settings.items = try Self.folder.get().file("items.csv")
    settings.tasks = try #require(TaskList(tasks))
    settings.attributeKinds = ["makers": .tokenSequence, "price": .float]
    settings.inputs = .kinds([])
    (settings.maxLength, settings[.hiddenSize], settings[.recurrentSizes]) = (10, 24, [16])
    (settings.batchSize, settings.epochs, settings.seed) = (16, epochs, 3)
    (settings.learningRate, settings.patience, settings[.dropout]) = (0.01, 0, 0)
    return settings
  }

  private func trainer(_ settings: TrainingSettings, _ kind: TestBackend) throws -> Trainer {
    try Trainer(settings, dataset: try settings.loadDataset(), on: try kind.make())
  }

  /// Titles are names and prices numbers: neither is told. Tokens stand in the order of the table.
  @Test func tokensAreThoseOfTheTable() throws {
    let dataset = try settings("item-attributes").loadDataset()
    let targets = try ItemAttributeTargets(dataset)
    #expect(targets.encoding.parts.map(\.name) == ["colour", "makers"])
    let names = targets.encoding.parts.flatMap { $0.tokens ?? [] }
    #expect(targets.width == 6 && Set(names) == ["red", "green", "blue", "black", "a", "b"])
    for (item, expected) in [("i0", ["a", "b", "red"]), ("i5", ["green"]), ("i30", [])] {
      let index = try #require(dataset.vocabulary.index(of: item))
      let found = targets.tokens(of: index).map { names[Int($0)] }
      #expect(
        found.sorted() == expected
          && targets.tokens(of: index).elementsEqual(
            targets.tokens(of: index).sorted())
      )
      let row = targets.rows(of: [0, index])
      #expect(row.prefix(6).allSatisfy { $0 == 0 })
      #expect(
        row.dropFirst(6).enumerated().filter { $1 == 1 }.map { names[$0.offset] }.sorted()
          == expected)
    }
    #expect(targets.tokens(of: 0).isEmpty && targets.tokens(of: 1_000).isEmpty)
  }

  @Test(
    arguments: TestBackend.onDevice,
    [
      ("item-attributes", ModelKind.bert4rec), ("next-item,item-attributes*0.5", .transformer),
      ("item-attributes,contrast", .gru),
    ])
  func tenLossesAgreeWithTheReference(_ kind: TestBackend, _ task: (String, ModelKind)) throws {
    let losses = try [kind, .reference].map { kind in
      let trainer = try trainer(settings(task.0, task.1), kind)
      let batches = trainer.batches(epoch: 0)
      return try (0..<10).map { step in
        try trainer.store.backend.read(try trainer.step(batches[step % batches.count]))[0]
      }
    }
    for (device, reference) in zip(losses[0], losses[1]) {
      #expect(abs(device - reference) < Tolerance.loss(reference))
    }
  }

  /// The first loss is that of logits near 0: log 2 for each of six tokens. The colours follow each other, and are
  /// learned; a saved run gives the same figures.
  @Test(arguments: [ModelKind.transformer, .bert4rec])
  func coloursAreLearned(_ model: ModelKind) throws {
    let epochs = model == .bert4rec ? 80 : 25
    let settings = try settings("item-attributes", model, epochs: epochs)
    let first = try trainer(settings, .cpu8)
    let batches = first.batches(epoch: 0)
    let loss = try first.store.backend.read(try first.step(batches[0]))[0]
    #expect(abs(loss - 6 * log(2)) < 0.1)
    let trainer = try trainer(settings, .cpu8)
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(at: folder.file("run"))
    try trainer.prepare(run)
    let summary = try trainer.train(in: run, progress: ProgressReport(style: .silent))
    // One of four colours at random, and makers that tell nothing, give .6 at most.
    let figure = try #require(summary.test["item-attributes MRR@10"])
    #expect(figure > 0.8)
    let scored = try ScoredRun(run.layout, settings, dataset: try settings.loadDataset()) {
      try TestBackend.cpu8.make()
    }
    let figures = try scored.cases(of: .test)
    #expect(figures.count == 1 && figures[0].count == 112)
  }

  /// What has learned attributes goes on to rank items; a head for other tokens begins anew.
  @Test func aRunStartsFromIt() throws {
    let first = try settings("next-item,item-attributes")
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(at: folder.file("run"))
    let trainer = try trainer(first, .reference)
    try trainer.prepare(run)
    _ = try trainer.train(in: run, progress: ProgressReport(style: .silent))
    var next = first
    (next.task, next.startFrom, next.items) = (.nextItem, run.path, "")
    next.attributeKinds = [:]
    let report = try #require(try self.trainer(next, .reference).takeStart())
    #expect(report.new.isEmpty && !report.taken.contains("attributes.weight"))
    next = first
    next.startFrom = run.path
    let again = try #require(try self.trainer(next, .reference).takeStart())
    #expect(again.new.isEmpty && again.taken.contains("attributes.weight"))
    let table = "item_id,shape\n" + (0..<30).map { "i\($0),s\($0 % 6)\n" }.joined()
    next.items = try folder.write(Array(table.utf8), to: "shapes.csv")
    next.attributeKinds = [:]
    let other = try #require(try self.trainer(next, .reference).takeStart())
    #expect(other.new == ["attributes.weight", "attributes.bias"])
  }

  @Test func aTableWithoutTokensIsRefused() throws {
    var settings = try settings("item-attributes")
    (settings.items, settings.attributeKinds) = ("", [:])
    #expect { try trainer(settings, .reference) } throws: { "\($0)".contains("--items FILE") }
    let folder = try TemporaryFolder()
    let table = "item_id,price\n" + (0..<30).map { "i\($0),\($0).5\n" }.joined()
    settings.attributeKinds = ["price": .float]
    settings.items = try folder.write(Array(table.utf8), to: "prices.csv")
    #expect { try trainer(settings, .reference) } throws: {
      "\($0)".contains("tokens that several items share")
    }
  }
}
