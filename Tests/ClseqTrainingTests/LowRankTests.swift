import ClseqData
import ClseqInference
import ClseqModels
import ClseqNN
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// Runs of adapters beside the weights of another run.
@Suite(.serialized) struct LowRankTests {
  /// A training of adapters that starts from a shop's run.
  private func trainer(
    from shop: TrainedShop, on rows: [TrainedShop.Row]? = nil, kind: TestBackend = .reference,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Trainer {
    var settings = shop.settings
    settings.startFrom = shop.folder.file("run")
    (settings.loraRank, settings.task) = (4, .nextEventType)
    if let rows { settings.data = try TrainedShop.write(rows, to: shop.folder, "other.csv") }
    change(&settings)
    return try Trainer(settings, dataset: try settings.loadDataset(), on: try kind.make())
  }

  @discardableResult
  private func finish(_ trainer: Trainer, in run: RunDirectory? = nil) throws -> TrainingSummary {
    try trainer.train(in: run, progress: ProgressReport(style: .silent))
  }

  /// A finished run of adapters, with its trainer, which holds the best parameters.
  private func finished(
    _ shop: TrainedShop, as name: String = "adapters", kind: TestBackend = .reference,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> (layout: RunLayout, trainer: Trainer) {
    let trainer = try trainer(from: shop, kind: kind, change)
    let run = try RunDirectory.create(at: shop.folder.file(name))
    try finish(trainer, in: run)
    return (run.layout, trainer)
  }

  private func scores(
    of layout: RunLayout, _ part: Split.Part = .test, kind: TestBackend = .reference
  ) throws -> [String: Double] {
    let settings = try layout.settings()
    let scored = try ScoredRun(
      layout, settings, dataset: try settings.loadDataset(), on: { try kind.make() })
    return TaskScores(try scored.cases(of: part)).dictionary
  }

  @Test(arguments: [TestBackend.reference, .cpu8, .gpu])
  func adaptersAndHeadsAloneAreTrained(_ kind: TestBackend) throws {
    let shop = try TrainedShop(kind) { _, _ in }
    let trainer = try trainer(from: shop, kind: kind) {
      ($0.epochs, $0.patience, $0.inputs, $0.splitBy) = (2, 0, .kinds([]), .leaveOneOut)
    }
    let report = try #require(try trainer.takeStart())
    let before = try parameterValues(trainer)
    let base = try parameterValues(shop.trainer)
    try finish(trainer)
    let after = try parameterValues(trainer)
    for parameter in trainer.store.parameters {
      let name = parameter.name
      let isTrained = name.hasPrefix("head.") || name.contains(".lora_")
      #expect(parameter.isTrained == isTrained, "\(name)")
      #expect((after[name] == before[name]) == !isTrained, "\(name)")
      // A row of items that are rare may follow.
      if !isTrained {
        #expect(before[name]!.starts(with: try #require(base[name])), "\(name)")
      }
    }
    // Neither gradients nor moments but of these.
    let trained = trainer.store.parameters.filter(\.isTrained)
    let step = 128
    #expect(
      trainer.store.trainedFlatCount
        <= trained.reduce(0) { $0 + ($1.count + step - 1) / step * step })
    #expect(report.new == ["head.weight", "head.bias"] && report.frozen.isEmpty)
    #expect(report.adapters?.others == ["head.weight", "head.bias"])
    #expect(report.adapters?.trainedCount == trained.reduce(0) { $0 + $1.count })
    #expect(report.description.contains("adapters of rank 4 with head.weight, head.bias: "))
  }

  /// What the run does not know is trained whole; nothing is frozen with random values.
  @Test func whatIsNewIsTrainedWhole() throws {
    let shop = try TrainedShop(.reference) { settings, _ in settings.inputs = .kinds([.type]) }
    var rows = shop.rows
    for place in rows.indices where rows[place].item == "i7" { rows[place].item = "novel" }
    for place in rows.indices where rows[place].type == "cart" { rows[place].type = "wish" }
    func others(_ rows: [TrainedShop.Row]?, _ change: (inout TrainingSettings) -> Void) throws
      -> Set<String>
    {
      let trainer = try trainer(from: shop, on: rows, change)
      let report = try #require(try trainer.takeStart())
      #expect(report.frozen.isEmpty)
      return Set(try #require(report.adapters?.others))
    }
    let heads: Set = ["head.weight", "head.bias"]
    #expect(try others(nil) { $0.inputs = .kinds([.type]) } == heads)
    #expect(
      try others(nil) { $0.inputs = .kinds([.type, .gap]) } == heads.union(["gaps.weight"]))
    #expect(
      try others(rows) { $0.inputs = .kinds([.type]) }
        == heads.union(["items.weight", "event_types.weight"]))
    #expect(
      try others(nil) { ($0.maxLength, $0.inputs) = (9, .kinds([.type])) }
        == heads.union(["positions.weight"]))
    // Its own head is trained on, and so is a query of pooling.
    #expect(
      try others(nil) { ($0.inputs, $0.pooling) = (.kinds([.type]), .attention) }
        == heads.union(["pooling.query.weight"]))
    #expect(try others(nil) { ($0.task, $0.inputs) = (.nextItem, .kinds([.type])) }.isEmpty)
  }

  @Test(arguments: [TestBackend.reference, .cpu8], [ModelKind.transformer, .bert4rec, .seq2seq])
  func theFileHasAdaptersAndIsReadBesideTheBase(_ kind: TestBackend, _ model: ModelKind) throws {
    let shop = try TrainedShop(kind) { settings, _ in
      settings.model = .network(model)
      settings[.targetLength] = 2
    }
    let (layout, trainer) = try finished(shop, kind: kind) { $0.task = .nextItem }
    let best = try #require(try layout.best())
    let names = try ParameterFile(readingFrom: best.file("model.safetensors")).tensors.map(\.name)
    #expect(names.allSatisfy { $0.contains(".lora_") } && !names.isEmpty)
    let base = try #require(try layout.passport().base)
    #expect(base.run == shop.folder.file("run") && base.parametersHash.hasPrefix("xxh64:"))
    let expected = try trainer.scores(of: .test).dictionary
    #expect(try scores(of: layout, kind: kind) == expected)
  }

  @Test func aResumedRunIsTheSame() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let change: (inout TrainingSettings) -> Void = { ($0.epochs, $0.patience) = (3, 0) }
    let (whole, first) = try finished(shop, as: "whole", change)
    let path = shop.folder.file("cut")
    do {
      let run = try RunDirectory.create(at: path)
      let cut = try trainer(from: shop, change)
      var remaining = 5
      #expect(throws: TrainingInterrupted.self) {
        _ = try cut.train(in: run, progress: ProgressReport(style: .silent)) {
          remaining -= 1
          return remaining == 0
        }
      }
    }
    let rest = try trainer(from: shop, change)
    let run = try RunDirectory.resume(at: path)
    try rest.prepare(run)
    #expect(rest.passport.base == first.passport.base && rest.passport.base != nil)
    try finish(rest, in: run)
    #expect(try parameterValues(rest) == parameterValues(first))
    for name in ["model.safetensors", "optimizer.safetensors"] {
      func bytes(_ layout: RunLayout) throws -> Data {
        let newest = try #require(try layout.checkpoints().last)
        return try Data(contentsOf: URL(fileURLWithPath: newest.file(name)))
      }
      #expect(try bytes(whole) == bytes(run.layout), "\(name)")
    }
  }

  /// Interrupted before its first checkpoint, a run begins with the values of its start, and not with random ones.
  @Test(arguments: [0, 4]) func aRunWithoutCheckpointStartsAgain(rank: Int) throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let path = shop.folder.file("early")
    do {
      let run = try RunDirectory.create(at: path)
      try trainer(from: shop) { $0.loraRank = rank }.prepare(run)
    }
    let trainer = try trainer(from: shop) { $0.loraRank = rank }
    try trainer.prepare(try RunDirectory.resume(at: path))
    let (own, base) = (try parameterValues(trainer), try parameterValues(shop.trainer))
    for name in ["norm.weight", "positions.weight", "blocks.0.attention.weight"] {
      #expect(own[name] == base[name], "\(name)")
    }
  }

  @Test func aBaseThatIsGoneOrChangedIsRefused() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let (layout, _) = try finished(shop)
    let expected = try scores(of: layout)
    let base = shop.folder.file("run")
    // Moved, and named anew.
    try FileManager.default.moveItem(atPath: base, toPath: shop.folder.file("moved"))
    #expect {
      try scores(of: layout)
    } throws: { error in
      "\(error)".contains(base) && "\(error)".contains("start_from:")
        && error is AdapterBaseError
    }
    let config = try String(contentsOfFile: layout.configPath, encoding: .utf8)
    try config.replacing("\"\(base)\"", with: "\"\(shop.folder.file("moved"))\"")
      .write(toFile: layout.configPath, atomically: true, encoding: .utf8)
    #expect(try scores(of: layout) == expected)
    // Changed in one bit.
    let best = try #require(try RunLayout(path: shop.folder.file("moved")).best())
    let file = best.file("model.safetensors")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: URL(fileURLWithPath: file))
    #expect {
      try scores(of: layout)
    } throws: { error in
      guard case AdapterBaseError.changed(_, let path, _, _) = error else { return false }
      return path == file
    }
    #expect {
      var settings = try layout.settings()
      settings.epochs += 1
      let trainer = try Trainer(
        settings, dataset: try settings.loadDataset(), on: try TestBackend.reference.make())
      try trainer.prepare(try RunDirectory.resume(at: layout.path))
    } throws: {
      "\($0)".contains(file)
    }
  }

  /// Merged, the run scores as it did, needs no base, and is trained further as any other.
  @Test(arguments: [ModelKind.transformer, .seq2seq, .transformerCTR])
  func aMergedRunIsWhole(_ model: ModelKind) throws {
    let shop = try TrainedShop(.reference) { settings, _ in
      settings.model = .network(model)
      settings[.targetLength] = 2
    }
    // Large steps, so that the adapters matter.
    let (layout, _) = try finished(shop) {
      ($0.task, $0.learningRate, $0.loraAlpha) = (.nextItem, 0.05, 8)
    }
    let merged = try MergedRun(layout)
    do { try merged.write(to: try RunDirectory.create(at: shop.folder.file("merged"))) }
    let whole = RunLayout(path: shop.folder.file("merged"))
    let (unmerged, base) = (
      try scores(of: layout), try scores(of: RunLayout(path: shop.folder.file("run")))
    )
    #expect(try whole.passport().base == nil && whole.passport().startedFrom?.count == 2)
    // A run that starts from the adapters has the merged values too.
    let child = try trainer(from: shop) {
      ($0.startFrom, $0.task, $0.loraRank) = (layout.path, .nextItem, 0)
    }
    try child.takeStart()
    try FileManager.default.removeItem(atPath: layout.path)
    try FileManager.default.removeItem(atPath: shop.folder.file("run"))
    let scored = try scores(of: whole)
    #expect(scored.keys == unmerged.keys && unmerged != base)
    for (name, value) in scored {
      #expect(abs(value - unmerged[name]!) < 1e-5, "\(name): \(value), \(unmerged[name]!)")
    }
    let grandchild = try trainer(from: shop) {
      ($0.startFrom, $0.task, $0.loraRank) = (whole.path, .nextItem, 0)
    }
    try grandchild.takeStart()
    #expect(try parameterValues(grandchild) == parameterValues(child))
    // It goes on from its checkpoint.
    var settings = try whole.settings()
    (settings.epochs, settings.patience) = (settings.epochs + 1, 0)
    let rest = try Trainer(
      settings, dataset: try settings.loadDataset(), on: try TestBackend.reference.make())
    try rest.prepare(try RunDirectory.resume(at: whole.path))
    #expect(try parameterValues(rest) == parameterValues(grandchild))
    try finish(rest)
    #expect(try parameterValues(rest) != parameterValues(grandchild))
  }

  /// Adapters on adapters: each run needs the one before it.
  @Test func adaptersMayStartFromAdapters() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let (first, _) = try finished(shop) { ($0.task, $0.learningRate) = (.nextItem, 0.05) }
    let (second, trainer) = try finished(shop, as: "second") {
      ($0.startFrom, $0.loraRank) = (first.path, 2)
    }
    #expect(try scores(of: second) == trainer.scores(of: .test).dictionary)
    try FileManager.default.removeItem(atPath: shop.folder.file("run"))
    #expect(throws: AdapterBaseError.self) { try scores(of: second) }
  }

  @Test func whatDoesNotFitIsTold() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    func fault(_ change: @escaping (inout TrainingSettings) -> Void) -> String {
      do {
        _ = try trainer(from: shop, change).takeStart()
        return ""
      } catch { return "\(error)" }
    }
    #expect(fault { $0.model = .network(.gru) }.contains("which gru does not have"))
    #expect(fault { $0.frozen = .body }.contains("exclude one another"))
    #expect(throws: SettingsError.self) { try MergedRun(RunLayout(path: shop.folder.file("run"))) }
    let (layout, _) = try finished(shop)
    let request = TrainingRequest(data: "new.csv", options: [("continue", layout.path)])
    #expect {
      try SettingResolution(environment: [:]).training(request)
    } throws: { "\($0)".contains("--merge") }
  }
}
