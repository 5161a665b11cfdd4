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

/// Runs that start from the parameters of another.
@Suite(.serialized) struct StartTests {
  /// A training on a log that starts from a shop's run.
  private func trainer(
    from shop: TrainedShop, on rows: [TrainedShop.Row]? = nil, kind: TestBackend = .reference,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Trainer {
    var settings = shop.settings
    settings.startFrom = shop.folder.file("run")
    if let rows { settings.data = try TrainedShop.write(rows, to: shop.folder, "other.csv") }
    change(&settings)
    return try Trainer(settings, dataset: try settings.loadDataset(), on: try kind.make())
  }

  private func finish(_ trainer: Trainer, in run: RunDirectory? = nil) throws {
    _ = try trainer.train(in: run, progress: ProgressReport(style: .silent))
  }

  @Test(
    arguments: [TestBackend.reference, .cpu8, .gpu], [ModelKind.transformer, .bert4rec, .lstm])
  func theSameLogStartsFromTheBestParameters(_ kind: TestBackend, _ model: ModelKind) throws {
    let shop = try TrainedShop(kind) { settings, _ in settings.model = .network(model) }
    let trainer = try trainer(from: shop, kind: kind)
    let random = try parameterValues(trainer)
    let report = try #require(try trainer.takeStart())
    #expect(report.new.isEmpty && report.knownItemCount == report.itemCount)
    // The shop's trainer ends with its best parameters.
    #expect(
      try parameterValues(trainer) == parameterValues(shop.trainer)
        && parameterValues(trainer) != random)
    #expect(try trainer.takeStart() == report)
  }

  /// Rows go with the ids of items; what the run never met is the mean of what it met.
  @Test(arguments: [ModelKind.transformer, .bert4rec])
  func itemsAreMatchedByTheirIds(_ model: ModelKind) throws {
    let shop = try TrainedShop(.reference) { settings, _ in settings.model = .network(model) }
    var rows = shop.rows.reversed().filter { $0.item != "i3" }
    for place in rows.indices where rows[place].item == "i7" { rows[place].item = "novel" }
    for place in rows.indices { rows[place].time = 1_800_000_000 + place }
    let trainer = try trainer(from: shop, on: rows)
    let report = try #require(try trainer.takeStart())
    let (new, old) = (trainer.split.dataset.vocabulary, shop.trainer.split.dataset.vocabulary)
    #expect(report.knownItemCount == new.count - 1 && report.description.contains("mean"))
    let (table, source) = (
      try parameterValues(trainer)["items.weight"]!,
      try parameterValues(shop.trainer)["items.weight"]!
    )
    func row(_ table: [Float], _ index: Int) -> ArraySlice<Float> {
      table[index * 16..<(index + 1) * 16]
    }
    for index in 1...new.count where new[index] != "novel" {
      let place = try #require(old.index(of: new[index]))
      #expect(row(table, index).elementsEqual(row(source, Int(place))))
    }
    let novel = Int(try #require(new.index(of: "novel")))
    for d in 0..<16 {
      let mean = (1...old.count).reduce(0) { $0 + Double(source[$1 * 16 + d]) } / Double(old.count)
      #expect(abs(Double(table[novel * 16 + d]) - mean) < 1e-6)
    }
    #expect(row(table, 0).elementsEqual(row(source, 0)))
    if model == .bert4rec {
      #expect(row(table, new.count + 1).elementsEqual(row(source, old.count + 1)))
    }
  }

  /// Types and features go with their names; heads and inputs that the run did not have are new.
  @Test func inputsAreMatchedByTheirNames() throws {
    let shop = try TrainedShop(.reference) { settings, _ in
      settings.inputs = .kinds([.type, .features])
      settings.eventFeatures = [FeatureRequest("hour"), FeatureRequest("weekday")]
    }
    var rows = shop.rows
    for place in rows.indices where rows[place].type == "cart" { rows[place].type = "wish" }
    let trainer = try trainer(from: shop, on: rows) {
      $0.task = .nextEventType
      $0.inputs = .kinds([.type, .features, .gap])
      $0.eventFeatures = [FeatureRequest("weekday"), FeatureRequest("hour")]
    }
    let random = try parameterValues(trainer)
    let report = try #require(try trainer.takeStart())
    #expect(Set(report.new) == ["gaps.weight", "head.weight", "head.bias"])
    let (now, before) = (try parameterValues(trainer), try parameterValues(shop.trainer))
    for name in report.new { #expect(now[name] == random[name]) }
    func types(_ trainer: Trainer) throws -> [String] {
      let names = try #require(trainer.split.dataset.types)
      return (0..<names.count).map { names[$0] }
    }
    let old = try types(shop.trainer)
    for (index, type) in try types(trainer).enumerated() {
      let place = old.firstIndex(of: type).map { $0 + 1 } ?? 0
      #expect(
        Array(now["event_types.weight"]![(index + 1) * 16..<(index + 2) * 16])
          == Array(before["event_types.weight"]![place * 16..<(place + 1) * 16]))
    }
    for d in 0..<16 {
      let (new, old) = (now["numbers.weight"]!, before["numbers.weight"]!)
      #expect(new[d * 2] == old[d * 2 + 1] && new[d * 2 + 1] == old[d * 2])
    }
  }

  /// What is frozen keeps its values, and the rest learns.
  @Test(
    arguments: [TestBackend.reference, .cpu8, .gpu], [FrozenPart.body, .layers(0), .layers(1)])
  func frozenPartsStay(_ kind: TestBackend, _ frozen: FrozenPart) throws {
    let shop = try TrainedShop(kind) { _, _ in }
    let trainer = try trainer(from: shop, kind: kind) {
      ($0.task, $0.frozen, $0.epochs, $0.patience) = (.nextEventType, frozen, 2, 0)
    }
    _ = try trainer.takeStart()
    let before = try parameterValues(trainer)
    try finish(trainer)
    let after = try parameterValues(trainer)
    for (name, values) in before {
      let isFrozen =
        switch frozen {
        case .body: !name.hasPrefix("head")
        case .layers(let count):
          !name.hasPrefix("head") && !name.hasPrefix("norm") && !name.hasPrefix("blocks.1")
            && (count > 0 || !name.hasPrefix("blocks.0"))
        case .none: false
        }
      #expect((after[name] == values) == isFrozen, "\(name)")
    }
  }

  /// A trained query of pooling belongs to the heads; an input that the run did not have stays random.
  @Test func whatIsNewAndFrozenIsTold() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let trainer = try trainer(from: shop) {
      ($0.task, $0.frozen, $0.pooling) = (.nextEventType, .body, .attention)
      $0.inputs = .kinds([.gap])
    }
    let report = try #require(try trainer.takeStart())
    #expect(report.frozen == ["gaps.weight"] && report.description.contains("freeze less"))
    let query = try #require(trainer.store.parameters.first { $0.name.hasPrefix("pooling.") })
    #expect(query.isTrained && report.new.contains(query.name))
  }

  @Test func ratesFallFromTheHeads() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let trainer = try trainer(from: shop) { ($0.task, $0.layerRate) = (.nextEventType, 0.5) }
    let rates = Dictionary(
      uniqueKeysWithValues: trainer.store.parameters.map { ($0.name, $0.group.rateFactor) })
    #expect(rates["head.weight"] == 1 && rates["norm.weight"] == 1)
    #expect(rates["blocks.1.attention.weight"] == 0.5 && rates["blocks.0.attention.weight"] == 0.25)
    #expect(rates["items.weight"] == 0.125 && rates["positions.weight"] == 0.125)
  }

  /// A run that goes on needs its start no longer, and its passport still tells it.
  @Test func aRunGoesOnWithoutItsStart() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let change: (inout TrainingSettings) -> Void = { ($0.task, $0.epochs) = (.nextEventType, 2) }
    let whole = try trainer(from: shop, change)
    try finish(whole)
    let path = shop.folder.file("tuned")
    func interrupt() throws -> [String] {
      let run = try RunDirectory.create(at: path)
      let cut = try trainer(from: shop, change)
      try cut.prepare(run)
      var remaining = 3
      #expect(throws: TrainingInterrupted.self) {
        _ = try cut.train(in: run, progress: ProgressReport(style: .silent)) {
          remaining -= 1
          return remaining == 0
        }
      }
      return try #require(try run.layout.passport().startedFrom)
    }
    let lineage = try interrupt()
    #expect(lineage.count == 1 && lineage[0].contains("transformer, next-item, "))
    try FileManager.default.removeItem(atPath: shop.folder.file("run"))
    let rest = try trainer(from: shop, change)
    let resumed = try RunDirectory.resume(at: path)
    try rest.prepare(resumed)
    try finish(rest, in: resumed)
    #expect(try parameterValues(rest) == parameterValues(whole))
    #expect(rest.passport.startedFrom == lineage)
  }

  /// A grandchild names its parent and the parent's parent.
  @Test func theLineageIsKept() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let run = try RunDirectory.create(at: shop.folder.file("child"))
    let child = try trainer(from: shop)
    try finish(child, in: run)
    let grandchild = try trainer(from: shop) { $0.startFrom = run.path }
    try grandchild.takeStart()
    let lineage = try #require(grandchild.passport.startedFrom)
    #expect(lineage.count == 2 && lineage[0].hasPrefix(run.path))
    #expect(lineage[1].hasPrefix(shop.folder.file("run")))
  }

  @Test func whatDoesNotFitIsTold() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    func fault(_ change: @escaping (inout TrainingSettings) -> Void) -> String {
      do {
        _ = try trainer(from: shop, change).takeStart()
        return ""
      } catch { return "\(error)" }
    }
    #expect(fault { $0.model = .network(.gru) }.contains("is a transformer"))
    #expect(fault { $0[.hiddenSize] = 32 }.contains("items.weight is [31, 16]"))
    #expect(fault { $0[.feedForwardSize] = 40 }.contains("feed_forward"))
    #expect(fault { $0.frozen = .body }.contains("nothing to train"))
    #expect(fault { $0.startFrom += "x" }.contains("no run at"))
  }

  /// The settings of the model are those of the run, unless others are given.
  @Test func theModelIsThatOfTheRun() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let resolution = SettingResolution(environment: [:])
    let path = shop.folder.file("run")
    let request = TrainingRequest(
      data: shop.settings.data,
      options: [("start_from", path), ("task", "next-event-type"), ("dropout", "0.4")])
    let settings = try resolution.training(request)
    #expect(settings.training[.hiddenSize] == 16 && settings.training[.dropout] == 0.4)
    #expect(settings.maxLength == 8)
    #expect(settings.task == .nextEventType && settings.learningRate == 0.001)
    let empty = TrainingRequest(data: shop.settings.data, options: [("start_from", "")])
    #expect(throws: SettingsError.self) { try resolution.training(empty) }
  }
}
