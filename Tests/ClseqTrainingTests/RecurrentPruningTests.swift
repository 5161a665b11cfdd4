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

/// Runs that start from some of the units of the recurrent layers of another.
@Suite(.serialized) struct RecurrentPruningTests {
  private func shop(
    _ kind: TestBackend, _ model: ModelKind, _ sizes: [Int], _ task: TaskKind = .nextItem
  ) throws -> TrainedShop {
    try TrainedShop(kind) { settings, _ in
      (settings.model, settings.task) = (.network(model), task)
      settings[.recurrentSizes] = sizes
    }
  }

  private func trainer(
    from shop: TrainedShop, keeping share: Double, kind: TestBackend = .reference,
    path: String? = nil
  ) throws -> Trainer {
    var settings = shop.settings
    settings.startFrom = path ?? shop.folder.file("run")
    settings.keepRatio = share
    for (key, text) in try settings.pruned(keeping: share).values {
      settings[.recurrentSizes] = text.split(separator: ",").compactMap { Int($0) }
      #expect(key == "recurrent_sizes")
    }
    return try Trainer(settings, dataset: try settings.loadDataset(), on: try kind.make())
  }

  /// Rewrites the shop's best checkpoint.
  private func change(
    _ shop: TrainedShop, _ body: (_ name: String, _ values: inout [Float]) -> Void
  ) throws {
    let run = try RunDirectory.resume(at: shop.folder.file("run"))
    let best = try #require(try run.layout.best())
    let file = try ParameterFile(readingFrom: best.file("model.safetensors"))
    var arrays: [String: [Float]] = [:]
    for entry in file.tensors {
      var values = try file.floats(entry.name, shape: entry.shape)
      body(entry.name, &values)
      arrays[entry.name] = values
    }
    let checkpoint = try run.saveCheckpoint("step-000000999") { folder in
      try ParameterFile.write(
        to: "\(folder)/model.safetensors", tensors: file.tensors.map { ($0.name, $0.shape) }
      ) { arrays[$0]! }
    }
    try run.setBest(checkpoint.name)
  }

  /// Units whose outputs are multiplied by nothing may go: states, and the outputs of heads, stay as they are. The second
  /// shape has no map to the width of items, and gets one; the last has no items.
  @Test(
    arguments: [TestBackend.reference, .cpu8, .gpu],
    [
      (ModelKind.lstm, [20, 12], TaskKind.nextItem), (.gru, [16], .nextItem),
      (.lstm, [12], .nextEventType),
    ])
  func whatHasNoWeightMayGo(
    _ kind: TestBackend, _ model: (kind: ModelKind, sizes: [Int], task: TaskKind)
  ) throws {
    let shop = try shop(kind, model.kind, model.sizes, model.task)
    func isRemoved(_ unit: Int) -> Bool { unit % 4 != 1 }
    func clear(_ values: inout [Float], width: Int) {
      for place in values.indices where isRemoved(place % width) { values[place] = 0 }
    }
    try change(shop) { name, values in
      for (layer, size) in model.sizes.enumerated() {
        let isLast = layer == model.sizes.count - 1
        let readers = ["weight_hh_l\(layer)", "weight_ih_l\(layer + 1)"]
        if readers.contains(where: { name.hasSuffix($0) }) { clear(&values, width: size) }
        if isLast,
          name == "head.weight" || name == "output.weight" || name == "items.weight" && size == 16
        {
          clear(&values, width: size)
        }
      }
    }
    let whole = try trainer(from: shop, keeping: 1, kind: kind)
    try whole.takeStart()
    // A quarter of the units has less than a third of the weights.
    let pruned = try trainer(from: shop, keeping: 0.4, kind: kind)
    let report = try #require(try pruned.takeStart())
    guard case .recurrence(let shape)? = report.pruned else {
      Issue.record("\(String(describing: report.pruned)) is not of layers")
      return
    }
    #expect(report.new.isEmpty)
    #expect(zip(shape.kept.units, model.sizes).allSatisfy { $0 < $1 && 4 * $0 >= $1 })
    #expect(shape.needsOutput == (model.sizes == [16]))
    let outputs = try [whole, pruned].map { trainer in
      let backend = trainer.store.backend
      let batch = try TestBatch([[3, 1, 4, 1], [5, 9], [2, 6, 5]]).make(on: backend)
      let tape = Tape(backend, mode: .inference)
      let states = try trainer.model.hiddenStates(of: batch, only: nil, on: tape)
      guard model.task == .nextEventType else { return try backend.read(states) }
      let values = try parameterValues(trainer)
      let (weight, bias) = (values["head.weight"]!, values["head.bias"]!)
      let read = try backend.read(states)
      let width = trainer.model.stateWidth
      return (0..<read.count / width).flatMap { row in
        bias.indices.map { output in
          (0..<width).reduce(bias[output]) {
            $0 + weight[output * width + $1] * read[row * width + $1]
          }
        }
      }
    }
    if model.sizes == [16] {
      // What items were compared with stays; removed columns of states, which no item has, are 0.
      let kept = outputs[0].indices.filter { !isRemoved($0 % 16) }
      #expect(
        largestError(kept.map { outputs[1][$0] }, kept.map { outputs[0][$0] })
          < Double(Tolerance.hiddenState))
    } else {
      #expect(largestError(outputs[1], outputs[0]) < Double(Tolerance.hiddenState))
    }
    #expect(outputs[1].contains { $0 != 0 })
  }

  /// In each layer the units stay that the weights after them give the greatest norm, in all gates.
  @Test func theMostImportantStay() throws {
    let shop = try shop(.reference, .gru, [12])
    let pruned = try trainer(from: shop, keeping: 0.5)
    try pruned.takeStart()
    let (old, new) = (try parameterValues(shop.trainer), try parameterValues(pruned))
    let norms = (0..<12).map { unit in
      [old["gru.weight_hh_l0"]!, old["output.weight"]!].joined().enumerated().reduce(0.0) {
        $1.offset % 12 == unit ? $0 + Double($1.element) * Double($1.element) : $0
      }
    }
    let count = pruned.settings[.recurrentSizes][0]
    #expect(count > 3 && count < 12)
    let units = norms.indices.sorted { norms[$0] > norms[$1] }.prefix(count).sorted()
    let rows = (0..<3).flatMap { gate in units.map { gate * 12 + $0 } }
    #expect(new["gru.bias_hh_l0"] == rows.map { old["gru.bias_hh_l0"]![$0] })
    #expect(
      new["gru.weight_hh_l0"]
        == rows.flatMap { row in units.map { old["gru.weight_hh_l0"]![row * 12 + $0] } })
    #expect(
      new["gru.weight_ih_l0"]
        == rows.flatMap { row in old["gru.weight_ih_l0"]![row * 16..<(row + 1) * 16] })
    #expect(
      new["output.weight"]
        == (0..<16).flatMap { row in units.map { old["output.weight"]![row * 12 + $0] } })
    #expect(new["items.weight"] == old["items.weight"])
  }

  /// Its settings describe its shape: it is trained, scored and pruned again as any run.
  @Test func aPrunedRunIsAPlainRun() throws {
    let shop = try shop(.cpu8, .lstm, [16])
    let path = shop.folder.file("pruned")
    let trainer = try trainer(from: shop, keeping: 0.5, kind: .cpu8)
    do {
      let run = try RunDirectory.create(at: path)
      _ = try trainer.train(in: run, progress: ProgressReport(style: .silent))
    }
    let layout = RunLayout(path: path)
    let settings = try layout.settings()
    try FileManager.default.removeItem(atPath: shop.folder.file("run"))
    let scored = try ScoredRun(
      layout, settings, dataset: try settings.loadDataset(), on: { try TestBackend.cpu8.make() })
    #expect(
      TaskScores(try scored.cases(of: .test)).dictionary
        == (try trainer.scores(of: .test).dictionary))
    var smaller = settings
    (smaller.startFrom, smaller.keepRatio) = (path, 0.6)
    smaller[.recurrentSizes] = [
      try #require(Int(try settings.pruned(keeping: 0.6).values[0].text))
    ]
    let again = try Trainer(
      smaller, dataset: try smaller.loadDataset(), on: try TestBackend.cpu8.make())
    let report = try #require(try again.takeStart())
    #expect(report.pruned != nil && report.new.isEmpty)
  }
}
