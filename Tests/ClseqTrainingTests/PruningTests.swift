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

/// Runs that start from a part of the heads and units of another.
@Suite(.serialized) struct PruningTests {
  /// A training that starts from a run: of two heads of 8 channels one, and of 64 units 24, where half is kept.
  private func trainer(
    from shop: TrainedShop, keeping share: Double = 0.5, kind: TestBackend = .reference,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Trainer {
    var settings = shop.settings
    (settings.startFrom, settings.keepRatio) = (shop.folder.file("run"), share)
    if share < 1 {
      (settings[.heads], settings[.headWidth], settings[.feedForwardSize]) = (1, 8, 24)
    }
    change(&settings)
    return try Trainer(settings, dataset: try settings.loadDataset(), on: try kind.make())
  }

  private func shop(_ kind: TestBackend, _ model: ModelKind) throws -> TrainedShop {
    try TrainedShop(kind) { settings, _ in
      settings.model = .network(model)
      settings[.targetLength] = 2
    }
  }

  private func blocks(_ report: StartReport) -> PrunedBlocks? {
    if case .blocks(let blocks)? = report.pruned { blocks } else { nil }
  }

  private func finish(_ trainer: Trainer, in run: RunDirectory) throws {
    _ = try trainer.train(in: run, progress: ProgressReport(style: .silent))
  }

  /// The parts of blocks that are pruned.
  private func parts(_ names: some Sequence<String>, _ end: String) -> [String] {
    names.filter { $0.contains("blocks.") && $0.hasSuffix(end) }
      .map { String($0.dropLast(end.count)) }
  }

  /// The places of the greatest values.
  private func greatest(_ count: Int, _ importance: [Double]) -> [Int] {
    importance.indices.sorted { importance[$0] > importance[$1] }.prefix(count).sorted()
  }

  /// Rows or columns of a matrix that is stored by rows.
  private func picked(
    _ values: [Float], rows: [Int]? = nil, columns: [Int]? = nil, width: Int
  ) -> [Float] {
    (rows ?? Array(0..<values.count / width)).flatMap { row in
      (columns ?? Array(0..<width)).map { values[row * width + $0] }
    }
  }

  @Test(arguments: [ModelKind.transformer, .seq2seq])
  func theMostImportantStay(_ model: ModelKind) throws {
    let shop = try shop(.reference, model)
    let trainer = try trainer(from: shop)
    let report = try #require(try trainer.takeStart())
    #expect(report.new.isEmpty && blocks(report)?.kept.units == 24)
    let (old, new) = (try parameterValues(shop.trainer), try parameterValues(trainer))
    var chosen = Set<[Int]>()
    for part in parts(old.keys, "attention.out.weight").map({ $0 + "attention" }) {
      let out = old[part + ".out.weight"]!
      // Of self-attention queries, keys and values are one matrix, of cross-attention keys and values.
      let (packed, maps) = (old[part + ".weight"]!, part.hasSuffix("cross_attention") ? 2 : 3)
      let all = packed.suffix(16 * 16).map(Double.init)
      let norms = (0..<2).map { head -> Double in
        var norm = 0.0
        for row in 0..<16 {
          for column in 0..<16 {
            let product = (head * 8..<head * 8 + 8).reduce(0.0) {
              $0 + Double(out[row * 16 + $1]) * all[$1 * 16 + column]
            }
            norm += product * product
          }
        }
        return norm
      }
      let head = greatest(1, norms)[0]
      let rows = Array(head * 8..<head * 8 + 8)
      chosen.insert(rows)
      #expect(new[part + ".out.weight"] == picked(out, columns: rows, width: 16))
      #expect(
        new[part + ".weight"]
          == picked(
            packed, rows: (0..<maps).flatMap { map in rows.map { map * 16 + $0 } }, width: 16))
      #expect(
        new[part + ".bias"]
          == picked(
            old[part + ".bias"]!, rows: (0..<maps).flatMap { map in rows.map { map * 16 + $0 } },
            width: 1))
      if maps == 2 {
        #expect(
          new[part + ".query.weight"] == picked(old[part + ".query.weight"]!, rows: rows, width: 16)
        )
      }
      #expect(new[part + ".out.bias"] == old[part + ".out.bias"])
    }
    for part in parts(old.keys, ".feed_forward.down.weight").map({ $0 + ".feed_forward" }) {
      let (up, down) = (old[part + ".up.weight"]!, old[part + ".down.weight"]!)
      func norm(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) * Double($1) } }
      let units = greatest(
        24,
        (0..<64).map {
          norm(picked(up, rows: [$0], width: 16)) * norm(picked(down, columns: [$0], width: 64))
        })
      chosen.insert(units)
      #expect(new[part + ".up.weight"] == picked(up, rows: units, width: 16))
      #expect(new[part + ".up.bias"] == picked(old[part + ".up.bias"]!, rows: units, width: 1))
      #expect(new[part + ".down.weight"] == picked(down, columns: units, width: 64))
    }
    // Blocks choose by themselves.
    #expect(chosen.count > 2)
    for name in ["items.weight", "norm.weight", "blocks.0.feed_forward_norm.weight"] {
      #expect(new[name] == old[name])
    }
  }

  /// Writes the shop's run a checkpoint in which one head of each attention and 40 units of each feed-forward part have
  /// no weight after them.
  private func plantZeros(in shop: TrainedShop) throws {
    let run = try RunDirectory.resume(at: shop.folder.file("run"))
    let best = try #require(try run.layout.best())
    let file = try ParameterFile(readingFrom: best.file("model.safetensors"))
    var arrays: [String: [Float]] = [:]
    for entry in file.tensors {
      arrays[entry.name] = try file.floats(entry.name, shape: entry.shape)
    }
    for (number, name) in arrays.keys.sorted().enumerated() where name.contains("blocks.") {
      if name.hasSuffix("attention.out.weight") {
        for place in arrays[name]!.indices where place % 16 / 8 == number % 2 {
          arrays[name]![place] = 0
        }
      }
      if name.hasSuffix("feed_forward.down.weight") {
        for place in arrays[name]!.indices where (place % 64 * 5 + number) % 64 >= 24 {
          arrays[name]![place] = 0
        }
      }
    }
    let checkpoint = try run.saveCheckpoint("step-000000999") { folder in
      try ParameterFile.write(
        to: "\(folder)/model.safetensors", tensors: file.tensors.map { ($0.name, $0.shape) }
      ) { arrays[$0]! }
    }
    try run.setBest(checkpoint.name)
  }

  @Test(arguments: TestBackend.allCases, [ModelKind.transformer, .bert4rec, .seq2seq])
  func whatHasNoWeightMayGo(_ kind: TestBackend, _ model: ModelKind) throws {
    let shop = try shop(kind, model)
    try plantZeros(in: shop)
    let states = try [1, 0.5].map { share in
      let trainer = try trainer(from: shop, keeping: share, kind: kind)
      try trainer.takeStart()
      let backend = trainer.store.backend
      let batch = try TestBatch([[3, 1, 4, 1], [5, 9], [2, 6, 5]]).make(on: backend)
      return try backend.read(
        try trainer.model.hiddenStates(
          of: batch, only: nil, on: Tape(backend, mode: .inference)))
    }
    #expect(largestError(states[1], states[0]) < Double(Tolerance.hiddenState))
    #expect(states[1].contains { $0 != 0 })
  }

  /// Its settings describe its shape: it is trained, scored, resumed and pruned again as any run.
  @Test(arguments: [TestBackend.reference, .cpu8, .gpu])
  func aPrunedRunIsAPlainRun(_ kind: TestBackend) throws {
    let shop = try shop(kind, .transformer)
    let path = shop.folder.file("pruned")
    let trainer = try trainer(from: shop, kind: kind)
    let layout = RunLayout(path: path)
    do { try finish(trainer, in: try RunDirectory.create(at: path)) }
    let settings = try layout.settings()
    #expect(settings[.heads] == 1 && settings[.headWidth] == 8 && settings[.feedForwardSize] == 24)
    try FileManager.default.removeItem(atPath: shop.folder.file("run"))
    let scored = try ScoredRun(
      layout, settings, dataset: try settings.loadDataset(), on: { try kind.make() })
    #expect(
      TaskScores(try scored.cases(of: .test)).dictionary
        == (try trainer.scores(of: .test).dictionary))
    var longer = settings
    (longer.epochs, longer.patience) = (3, 0)
    let rest = try Trainer(longer, dataset: try longer.loadDataset(), on: try kind.make())
    do {
      let run = try RunDirectory.resume(at: path)
      try rest.prepare(run)
      try finish(rest, in: run)
    }
    // One head stays, and fewer units.
    let again = try self.trainer(from: shop, keeping: 0.7, kind: kind) {
      ($0.startFrom, $0[.feedForwardSize]) = (path, 8)
    }
    let report = try #require(try again.takeStart())
    #expect(blocks(report)?.whole.units == 24 && blocks(report)?.kept.heads == 1)
  }

  @Test func theShapeFollowsFromTheShare() throws {
    let shop = try shop(.reference, .transformer)
    let resolution = SettingResolution(environment: [:])
    func settings(_ options: [(key: String, text: String)]) throws -> TrainingSettings {
      let start = [("start_from", shop.folder.file("run")), ("keep_ratio", "0.5")]
      return try resolution.training(
        TrainingRequest(data: shop.settings.data, options: start + options)
      ).training
    }
    let plain = try settings([])
    #expect(plain[.heads] == 1 && plain[.headWidth] == 8 && plain[.feedForwardSize] == 24)
    // A file of settings of such a run says the same again.
    let file = shop.folder.file("again.yaml")
    try plain.yaml.write(toFile: file, atomically: true, encoding: .utf8)
    let again = try resolution.training(TrainingRequest(config: file, options: [])).training
    #expect(again == plain)
    func fault(_ options: [(key: String, text: String)]) -> String {
      do {
        let settings = try settings(options)
        let trainer = try Trainer(
          settings, dataset: try settings.loadDataset(), on: try TestBackend.reference.make())
        try trainer.takeStart()
        return ""
      } catch { return "\(error)" }
    }
    #expect(fault([]) == "")
    #expect(fault([("heads", "2")]).contains("makes heads 1, and it is 2"))
    #expect(fault([("keep_ratio", "0.05")]).contains("the smallest is 0.274"))
    #expect(fault([("lora_rank", "4")]).contains("exclude one another"))
    let other = try self.shop(.reference, .cnn)
    #expect {
      try resolution.training(
        TrainingRequest(
          data: other.settings.data,
          options: [("start_from", other.folder.file("run")), ("keep_ratio", "0.5")]))
    } throws: { "\($0)".contains("which cnn does not have") }
  }
}
