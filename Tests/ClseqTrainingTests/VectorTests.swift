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

/// Vectors of users, sessions, windows and items of trained runs.
@Suite(.serialized) struct VectorTests {
  private struct Row: Equatable {
    let (user, number): (Int, Int)
    let events: Range<Int>
    let values: [Float]
  }

  private func shop(
    _ kind: TestBackend = .reference, _ model: ModelKind = .transformer,
    _ task: TaskKind = .nextItem
  ) throws -> TrainedShop {
    try TrainedShop(kind) { settings, _ in
      (settings.model, settings.task) = (.network(model), task)
      if task == .pretrain { settings.tasks = TaskList("contrast")! }
    }
  }

  private func model(
    _ shop: TrainedShop, _ kind: TestBackend = .reference, batchSize: Int = 16,
    sessionGap: Double = 0
  ) throws -> TrainedModel {
    let layout = try RunLayout.existing(at: shop.folder.file("run"))
    var settings = try layout.settings()
    (settings.batchSize, settings.sessionGap) = (batchSize, sessionGap)
    let run = try TrainedRun(layout, settings: settings)
    return try TrainedModel(run, try run.loadDataset(), on: try kind.make())
  }

  private func rows(_ model: TrainedModel, _ request: VectorRequest) throws -> [Row] {
    var rows: [Row] = []
    try model.vectors(request) {
      rows.append(
        Row(user: $0.user, number: $0.number, events: $0.events, values: Array($0.values)))
    }
    #expect(try model.vectorCount(request) == rows.count)
    return rows
  }

  /// The state after the last of at most eight events, from which the model ranks items, and the mean of all states.
  @Test(arguments: TestBackend.allCases, [ModelKind.transformer, .gru])
  func vectorsOfUsersAreTheirStates(_ kind: TestBackend, _ name: ModelKind) throws {
    let shop = try shop(kind, name)
    let model = try model(shop, kind)
    let dataset = model.dataset
    let last = try rows(model, VectorRequest(.users))
    let mean = try rows(model, VectorRequest(.users, reducedTo: .mean))
    #expect(
      last.map(\.user) == Array(0..<dataset.userCount) && mean.map(\.user) == last.map(\.user))
    let backend = shop.trainer.store.backend
    for user in 0..<dataset.userCount {
      let places = Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
      #expect(last[user].events == places)
      let items = Array(dataset.items[places.suffix(8)])
      let states = try backend.read(
        try shop.trainer.model.hiddenStates(
          of: try TestBatch([items]).make(on: backend), only: nil,
          on: Tape(backend, mode: .inference)))
      #expect(
        largestError(last[user].values, Array(states.suffix(16))) < Double(Tolerance.hiddenState))
      let means = (0..<16).map { column in
        (0..<items.count).reduce(Float(0)) { $0 + states[$1 * 16 + column] } / Float(items.count)
      }
      #expect(largestError(mean[user].values, means) < Double(Tolerance.hiddenState))
    }
  }

  /// Every window and session has the vector of a user with these events alone, whatever the batch.
  @Test(arguments: [ModelKind.transformer, .bert4rec, .lstm])
  func stretchesAreSequencesOfTheirOwn(_ name: ModelKind) throws {
    let shop = try shop(.reference, name)
    let model = try model(shop, sessionGap: 36_000)
    let dataset = model.dataset
    let sessions = try #require(dataset.events.sessions)
    for (request, name) in [
      (VectorRequest(.windows(length: 3, step: 2)), "windows"),
      (VectorRequest(.sessions), "sessions"),
      (VectorRequest(.windows(length: 4, step: 4), reducedTo: .mean), "means"),
    ] {
      let found = try rows(model, request)
      #expect(
        try rows(self.model(shop, batchSize: 1, sessionGap: 36_000), request).map(\.values)
          == found.map(\.values), "\(name)")
      for row in found.prefix(12) {
        let places = Int(dataset.offsets[row.user])..<Int(dataset.offsets[row.user + 1])
        switch request.subject {
        case .windows(let length, let step):
          #expect(row.events.count == length)
          #expect(row.events.lowerBound == places.lowerBound + row.number * step)
        default:
          #expect(Set(row.events.map { sessions[$0] }) == [Int32(row.number)])
          #expect(row.events.count == places.count { sessions[$0] == Int32(row.number) })
        }
        let log = row.events.enumerated().map { number, place in
          TrainedShop.Row(
            user: "alone", item: dataset.vocabulary[Int(dataset.items[place])], type: "view",
            time: 1_700_000_000 + number)
        }
        let run = try shop.run(on: log, as: "alone-\(name)-\(row.events.lowerBound).csv")
        let alone = try TrainedModel(run, try run.loadDataset(), on: .reference())
        let expected = try rows(alone, VectorRequest(.users, reducedTo: request.reduction))
        #expect(expected.map(\.values) == [row.values], "\(name)")
      }
      let counts = Dictionary(grouping: found, by: \.user).mapValues(\.count)
      for user in 0..<dataset.userCount {
        let count = Int(dataset.offsets[user + 1] - dataset.offsets[user])
        switch request.subject {
        case .windows(let length, let step):
          #expect(counts[user, default: 0] == (count < length ? 0 : 1 + (count - length) / step))
        default: #expect(counts[user, default: 0] >= 1)
        }
      }
    }
    #expect(try rows(model, VectorRequest(.sessions)).count > dataset.userCount)
  }

  /// The rows that states are compared with, without those of no item and of specials.
  @Test(arguments: [ModelKind.bert4rec, .gru, .din])
  func vectorsOfItemsAreTheirRows(_ name: ModelKind) throws {
    let shop = try TrainedShop(.reference) { settings, _ in
      settings.model = .network(name)
      if name == .din {
        (settings.task, settings.target) = (.click, TargetRule("type=buy"))
        settings.splitBy = .time
      }
    }
    let model = try model(shop)
    let (values, width) = try model.run.itemVectors()
    let table = try parameterValues(shop.trainer)["items.weight"]!
    let count = model.dataset.itemCount
    #expect(width == 16 && values == Array(table[16..<(1 + count) * 16]))
    if name == .din {
      #expect {
        try rows(model, VectorRequest(.users))
      } throws: { "\($0)".contains("no vector of their own") }
    }
  }

  /// A run that compares users and predicts nothing has vectors, and says so where it is asked for predictions.
  @Test func aRunWithoutPredictionsHasVectors() throws {
    let model = try model(shop(.reference, .gru, .pretrain))
    #expect(try rows(model, VectorRequest(.users)).count == model.dataset.userCount)
    #expect {
      try model.predict { _ in }
    } throws: { "\($0)".contains("'clseq embed' gives its vectors") }
  }

  @Test func whatCannotBeIsRefused() throws {
    let model = try model(shop())
    func fault(_ model: TrainedModel, _ request: VectorRequest) -> String {
      do {
        _ = try model.vectorCount(request)
        return ""
      } catch { return "\(error)" }
    }
    #expect(fault(model, VectorRequest(.windows(length: 9, step: 1))).contains("the model sees 8"))
    #expect(fault(model, VectorRequest(.sessions)).contains("--session-gap 30m"))
    let writer = try self.model(shop(.reference, .seq2seq))
    #expect(fault(writer, VectorRequest(.users)) == "")
    #expect(
      fault(writer, VectorRequest(.users, reducedTo: .mean)).contains("leave out --vector mean"))
    let short = try TrainedShop(.reference) { settings, _ in settings.maxLength = 20 }
    #expect(
      fault(try self.model(short), VectorRequest(.windows(length: 20, step: 1)))
        .contains("shorter windows"))
  }

  /// Both kinds of matrices come back as attributes of items are read, with one id a line beside them.
  @Test(arguments: [VectorFormat.npy, .safetensors])
  func matricesComeBack(_ format: VectorFormat) throws {
    let folder = try TemporaryFolder()
    for (count, width) in [(1, 1), (3, 7), (40, 64)] {
      let path = folder.file("v\(count).\(format.rawValue)")
      let values = (0..<count * width).map { Float($0) * 0.37 - 5 }
      do {
        let file = try VectorFile(path, format)
        try file.begin(count: count, width: width)
        for row in 0..<count {
          try file.add("id \(row)", values[row * width..<(row + 1) * width])
          #expect(!FileManager.default.fileExists(atPath: path))
        }
        try file.finish()
      }
      #expect(throws: (any Error).self) { try VectorFile(path, format) }
      let ids = try String(contentsOfFile: path + ".ids", encoding: .utf8)
      #expect(ids == (0..<count).map { "id \($0)\n" }.joined())
      if format == .npy {
        let read = try NumPyFile(path: path)
        #expect(read.rowCount == count && read.width == width && read.values == values)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect((bytes.count - 4 * values.count).isMultiple(of: 64))
      } else {
        let read = try ParameterFile(readingFrom: path)
        #expect(try read.floats("vectors", shape: [count, width]) == values)
      }
      _ = try ItemVectors(values, width: width, path: path)
    }
    let file = try VectorFile(folder.file("w.npy"), .npy)
    try file.begin(count: 1, width: 1)
    #expect {
      try file.add("two\nlines", [1])
    } throws: { "\($0)".contains("--output-format jsonl") }
  }
}
