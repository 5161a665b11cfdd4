import ClseqData
import ClseqInference
import ClseqModels
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Testing

/// Types of generated events.
@Suite(.serialized) struct GenerationTypeTests {
  private static let users = ["u0", "u1", "u2", "u3", "u7", "u39"]

  private func typed(_ model: ModelKind) throws -> TrainedShop {
    try TrainedShop(.reference) { settings, _ in
      settings.model = .network(model)
      settings.seen = SeenChoice(.exclude)
      (settings[.hiddenSize], settings[.window]) = (16, 3)
      settings[.recurrentSizes] = [16]
      (settings.task, settings.tasks) = (.multi, TaskList("next-item,next-type")!)
      (settings.inputs, settings.epochs) = (.kinds([.type]), 20)
    }
  }

  /// A log's rows with one more event of each user.
  private func adding(
    _ events: [String: (item: String, type: String)], to rows: [TrainedShop.Row]
  ) -> [TrainedShop.Row] {
    rows.enumerated().flatMap { index, row -> [TrainedShop.Row] in
      let isLast = index == rows.count - 1 || rows[index + 1].user != row.user
      guard isLast, let event = events[row.user] else { return [row] }
      return [
        row, .init(user: row.user, item: event.item, type: event.type, time: row.time + 60),
      ]
    }
  }

  /// The likeliest type and item after a log, by user.
  private func likeliest(
    _ shop: TrainedShop, _ rows: [TrainedShop.Row], _ kind: TestBackend
  ) throws -> [String: (item: Int32, type: String)] {
    var found: [String: (item: Int32, type: String)] = [:]
    for (user, row) in try shop.predictions(of: rows, on: kind, RankingRequest(count: 1)) {
      guard case .classes(let names, _)? = row.heads.first, let type = row.heads[0].likeliest
      else { continue }
      found[user] = (row.items[0].item, names[type])
    }
    return found
  }

  /// A run that predicts types gives each event the likeliest one, which is an input of the next step: as a log's that
  /// has the event with this type.
  @Test(arguments: [.reference, .cpu8] as [TestBackend], [ModelKind.transformer, .cnn])
  func predictedTypesAreInputsOfTheNextStep(_ kind: TestBackend, _ model: ModelKind) throws {
    let shop = try typed(model)
    var rows = shop.rows(of: Set(Self.users))
    let vocabulary = try shop.run(on: rows).vocabulary
    let generated = try shop.generated(from: rows, on: kind, GenerationRequest(stepCount: 4))
    var said: Set<String> = []
    for step in 0..<4 {
      let next = try likeliest(shop, rows, kind)
      for (user, events) in generated {
        let expected = try #require(next[user])
        #expect(events[step].item == expected.item && events[step].type == expected.type)
        said.insert(expected.type)
      }
      func last<T>(_ value: (GeneratedEvent) -> T) -> [String: T] {
        Dictionary(uniqueKeysWithValues: generated.map { ($0.user, value($0.events[step])) })
      }
      rows = adding(last { (vocabulary[Int($0.item)], $0.type ?? "") }, to: rows)
    }
    #expect(said.count > 1)
  }

  /// An encoder-decoder predicts types beside items, and goes on from what it has computed of them.
  @Test(arguments: [.reference, .cpu8] as [TestBackend], [ModelKind.seq2seq, .lstmSeq2seq])
  func aDecoderPredictsTypes(_ kind: TestBackend, _ model: ModelKind) throws {
    let shop = try typed(model)
    let rows = shop.rows(of: Set(Self.users))
    var request = GenerationRequest(stepCount: 4)
    let generated = try shop.generated(from: rows, on: kind, request)
    let next = try likeliest(shop, rows, kind)
    for (user, events) in generated {
      #expect(events[0].item == next[user]?.item && events[0].type == next[user]?.type)
      #expect(events.allSatisfy { $0.type != nil })
    }
    request.decoding = .beam(width: 3)
    let kept = try shop.generated(from: rows, on: kind, request)
    let anew = try shop.generated(from: rows, on: kind, request, keepsStates: false)
    for (one, other) in zip(kept, anew) {
      #expect(one.events.map(\.item) == other.events.map(\.item))
      #expect(one.events.map(\.type) == other.events.map(\.type))
    }
  }

  /// Where types alternate, the next one follows from that of the event before it, also where it was generated.
  @Test(arguments: [ModelKind.transformer, .lstm, .seq2seq, .lstmSeq2seq])
  func alternatingTypesAreLearned(_ model: ModelKind) throws {
    let folder = try TemporaryFolder()
    var numbers = TestNumbers(seed: 8)
    let rows = (0..<80).flatMap { user in
      numbers.indices(9, below: 20).enumerated().map { place, item in
        TrainedShop.Row(
          user: "u\(user)", item: "i\(item)", type: ["view", "buy"][(user + place) % 2],
          time: 1_700_000_000 + user + 3_600 * place)
      }
    }
    var settings = TrainingSettings(task: .multi, model: .network(model))
    settings.tasks = TaskList("next-item,next-type")!
    settings.data = try TrainedShop.write(rows, to: folder, "log.csv")
    (settings.splitBy, settings.inputs) = (.user, .kinds([.type]))
    (settings.maxLength, settings[.hiddenSize], settings[.recurrentSizes]) = (10, 16, [16])
    (settings.batchSize, settings.epochs, settings.learningRate) = (16, 40, 0.01)
    let dataset = try settings.loadDataset()
    let trainer = try Trainer(settings, dataset: dataset, on: try TestBackend.reference.make())
    let run = try RunDirectory.create(at: folder.file("run"))
    try trainer.prepare(run)
    _ = try trainer.train(in: run, progress: ProgressReport(style: .silent))
    let layout = try RunLayout.existing(at: run.path)
    let scored = try ScoredRun(
      layout, settings, dataset: dataset, on: { try TestBackend.reference.make() })
    let cases = try scored.generationCases(of: .test, stepCount: 3)
    #expect(cases.users.count > 3)
    for step in 0..<3 { #expect(try #require(cases.typeAccuracy(ofStep: step)) == 1) }
  }
}
