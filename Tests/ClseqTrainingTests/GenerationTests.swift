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

/// Events after the next one, one after another.
@Suite(.serialized) struct GenerationTests {
  private static let kinds: [TestBackend] = [.reference, .cpu8, .gpu]
  /// Every model that ranks items by the events before.
  private static let models: [ModelKind] = [
    .transformer, .lstm, .gru, .lstmAttention, .mlp, .cnn, .dlrm,
  ]
  /// A few users with histories shorter and longer than the longest input.
  private static let users = ["u0", "u1", "u2", "u3", "u7", "u39"]

  private func shop(
    _ model: ModelKind = .transformer, seen: SeenRule = .exclude,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> TrainedShop {
    try TrainedShop(.reference) { settings, _ in
      settings.model = .network(model)
      settings.seen = SeenChoice(seen)
      (settings[.hiddenSize], settings[.window], settings[.denseSize]) = (16, 3, 8)
      settings[.recurrentSizes] = [16]
      change(&settings)
    }
  }

  /// The rankings of all items after histories, by user: each item with its probability.
  private func rankings(
    _ shop: TrainedShop, _ rows: [TrainedShop.Row], _ kind: TestBackend,
    _ request: GenerationRequest
  ) throws -> [String: [(item: Int32, probability: Double)]] {
    var all = RankingRequest(count: shop.itemCount)
    (all.allowed, all.denied, all.seen) = (request.allowed, request.denied, request.seen)
    var found: [String: [(item: Int32, probability: Double)]] = [:]
    for (user, row) in try shop.predictions(of: rows, on: kind, all) {
      let weights = row.items.map { exp(Double($0.score) - Double(row.items[0].score)) }
      let sum = weights.reduce(0, +)
      found[user] = zip(row.items, weights).map { ($0.item, $1 / sum) }
    }
    return found
  }

  /// A log's rows with one more event of each user.
  private func adding(
    _ events: [String: Int32], to rows: [TrainedShop.Row], _ vocabulary: Vocabulary,
    type: String = "view"
  ) -> [TrainedShop.Row] {
    var longer: [TrainedShop.Row] = []
    for (index, row) in rows.enumerated() {
      longer.append(row)
      guard index == rows.count - 1 || rows[index + 1].user != row.user, let item = events[row.user]
      else { continue }
      longer.append(
        .init(user: row.user, item: vocabulary[Int(item)], type: type, time: row.time + 60))
    }
    return longer
  }

  /// Step by step the item is the first of the ranking after a log that has the events before it, and the
  /// probability that of the ranking's scores; also where the history is longer than the model's input.
  @Test(arguments: kinds, models)
  func greedyStepsAreTheRankingsFirst(_ kind: TestBackend, _ model: ModelKind) throws {
    for seen in SeenRule.allCases {
      let shop = try shop(model, seen: seen)
      var rows = shop.rows(of: Set(Self.users))
      let vocabulary = try shop.run(on: rows).vocabulary
      let request = GenerationRequest(stepCount: 7)
      let generated = try shop.generated(from: rows, on: kind, request)
      #expect(generated.count == Self.users.count)
      for step in 0..<request.stepCount {
        let rankings = try rankings(shop, rows, kind, request)
        for (user, events) in generated {
          let first = try #require(rankings[user]?.first)
          #expect(events[step].item == first.item, "\(user) \(step)")
          #expect(abs(events[step].probability - first.probability) < Tolerance.sums)
        }
        rows = adding(
          Dictionary(uniqueKeysWithValues: generated.map { ($0.user, $0.events[step].item) }),
          to: rows, vocabulary)
      }
    }
  }

  /// A search that keeps as many sequences as there are items finds the best of all pairs.
  @Test(arguments: kinds, SeenRule.allCases)
  func aWideSearchIsExhaustive(_ kind: TestBackend, _ seen: SeenRule) throws {
    let shop = try shop(seen: seen)
    let rows = shop.rows(of: Set(Self.users))
    let vocabulary = try shop.run(on: rows).vocabulary
    var request = GenerationRequest(stepCount: 2)
    request.allowed = [2, 3, 5, 7, 11]
    request.decoding = .beam(width: 5)
    let first = try rankings(shop, rows, kind, request)
    var best: [String: (items: [Int32], probability: Double)] = [:]
    for item in request.allowed!.sorted() {
      let longer = adding(first.mapValues { _ in item }, to: rows, vocabulary)
      for (user, second) in try rankings(shop, longer, kind, request) {
        guard let own = first[user]?.first(where: { $0.item == item }), let next = second.first
        else { continue }
        let product = own.probability * next.probability
        if product > best[user]?.probability ?? 0 { best[user] = ([item, next.item], product) }
      }
    }
    let generated = try shop.generated(from: rows, on: kind, request)
    #expect(best.count >= 4)
    var greedy = request
    greedy.decoding = .greedy
    let steps = try shop.generated(from: rows, on: kind, greedy)
    var differences = 0
    for ((user, events), (_, single)) in zip(generated, steps) {
      guard let expected = best[user] else { continue }
      #expect(events.map(\.item) == expected.items)
      let product = events.reduce(1) { $0 * $1.probability }
      #expect(abs(product - expected.probability) < Tolerance.sums)
      if single.map(\.item) != expected.items { differences += 1 }
    }
    // Else the search would not have been needed.
    if seen == .allow { #expect(differences > 0) }
  }

  @Test(arguments: kinds)
  func aSearchOfOneSequenceIsGreedy(_ kind: TestBackend) throws {
    let shop = try shop()
    var request = GenerationRequest(stepCount: 5)
    let greedy = try shop.generated(from: shop.rows, on: kind, request).map(\.events)
    request.decoding = .beam(width: 1)
    #expect(try shop.generated(from: shop.rows, on: kind, request).map(\.events) == greedy)
  }

  /// Going on from what was computed gives what computing every step anew gives, bit by bit on the reference.
  @Test(
    arguments: TestBackend.allCases,
    [.transformer, .lstm, .gru, .lstmAttention, .seq2seq, .lstmSeq2seq] as [ModelKind])
  func keptStatesChangeNothing(_ kind: TestBackend, _ model: ModelKind) throws {
    let shop = try shop(model, seen: .allow)
    for decoding in [.greedy, .beam(width: 4), .sampling(SamplingRule(seed: 8))] as [Decoding] {
      var request = GenerationRequest(stepCount: 4)
      request.decoding = decoding
      let kept = try shop.generated(from: shop.rows, on: kind, request)
      let anew = try shop.generated(from: shop.rows, on: kind, request, keepsStates: false)
      for (one, other) in zip(kept, anew) {
        #expect(one.events.map(\.item) == other.events.map(\.item))
        for (event, expected) in zip(one.events, other.events) {
          #expect(abs(event.probability - expected.probability) < Tolerance.sums)
        }
        if kind == .reference { #expect(one.events == other.events) }
      }
    }
  }

  /// What a user gets is the same, bit by bit, alone and among others, and in batches of other sizes.
  @Test(
    arguments: TestBackend.allCases,
    [.transformer, .gru, .lstmAttention, .cnn, .seq2seq, .lstmSeq2seq] as [ModelKind])
  func otherUsersChangeNothing(_ kind: TestBackend, _ model: ModelKind) throws {
    let shop = try shop(model)
    var rule = SamplingRule(seed: 4)
    (rule.topCount, rule.topShare, rule.temperature) = (20, 0.9, 1.5)
    for decoding in [.greedy, .beam(width: 3), .sampling(rule)] as [Decoding] {
      var request = GenerationRequest(stepCount: 6)
      if model.writes { request.stepCount = 5 }
      request.decoding = decoding
      let together = try shop.generated(from: shop.rows, on: kind, request)
      #expect(together.count == 40)
      for user in ["u0", "u7", "u39"] {
        let alone = try shop.generated(from: shop.rows(of: [user]), on: kind, request)
        #expect(alone.map(\.events) == together.filter { $0.user == user }.map(\.events))
      }
      for size in [1, 7] {
        let others = try shop.generated(from: shop.rows, on: kind, request) {
          $0.batchSize = size
        }
        #expect(others.map(\.events) == together.map(\.events))
      }
      let byEvents = try shop.generated(from: shop.rows, on: kind, request) {
        $0.batchEvents = 50
      }
      #expect(byEvents.map(\.events) == together.map(\.events))
    }
  }

  @Test func theSeedOfDrawsDecides() throws {
    let shop = try shop()
    func events(_ seed: UInt64) throws -> [[GeneratedEvent]] {
      var request = GenerationRequest(stepCount: 4)
      request.decoding = .sampling(SamplingRule(seed: seed))
      return try shop.generated(from: shop.rows, on: .reference, request).map(\.events)
    }
    let first = try events(1)
    #expect(try events(1) == first && events(2) != first)
    // Unlike steps have unlike numbers.
    let items = first.map { $0.map(\.item) }
    #expect(items.contains { Set($0).count == 4 })
  }

  /// No item of the history or of an earlier step is generated, and a user without items left gets fewer events.
  @Test(arguments: [.greedy, .beam(width: 2), .sampling(SamplingRule(seed: 3))] as [Decoding])
  func seenItemsAreNotGenerated(_ decoding: Decoding) throws {
    let shop = try shop()
    let vocabulary = try shop.run(on: shop.rows).vocabulary
    var request = GenerationRequest(stepCount: 6)
    (request.decoding, request.allowed, request.denied) = (decoding, [2, 3, 5, 7], [7])
    let generated = try shop.generated(from: shop.rows, on: .reference, request)
    #expect(generated.count == 40)
    for (user, events) in generated {
      let seen = Set(shop.rows(of: [user]).compactMap { vocabulary.index(of: $0.item) })
      let left = Set<Int32>([2, 3, 5]).subtracting(seen)
      #expect(Set(events.map(\.item)) == left && events.count == left.count)
    }
    request.seen = .allow
    for (_, events) in try shop.generated(from: shop.rows, on: .reference, request) {
      #expect(events.count == 6 && Set(events.map(\.item)).isSubset(of: [2, 3, 5]))
    }
  }

  /// Of a generated event what the model takes beside the item is missing, as of an event of the log that lacks it.
  @Test(arguments: [.reference, .cpu8] as [TestBackend])
  func otherInputsOfGeneratedEventsAreMissing(_ kind: TestBackend) throws {
    let shop = try shop { $0.inputs = .kinds([.type]) }
    var rows = shop.rows(of: Set(Self.users))
    let vocabulary = try shop.run(on: rows).vocabulary
    let request = GenerationRequest(stepCount: 3)
    let generated = try shop.generated(from: rows, on: kind, request)
    for step in 0..<3 {
      let rankings = try rankings(shop, rows, kind, request)
      for (user, events) in generated {
        #expect(events[step].item == rankings[user]?.first?.item)
      }
      rows = adding(
        Dictionary(uniqueKeysWithValues: generated.map { ($0.user, $0.events[step].item) }),
        to: rows, vocabulary, type: "never met")
    }
  }

  @Test func modelsThatCannotAreRefused() throws {
    func reason(_ shop: TrainedShop, _ request: GenerationRequest = GenerationRequest(stepCount: 2))
      throws -> String
    {
      do { try shop.run(on: shop.rows).requireGeneration(request) } catch {
        #expect(error is SettingsError)
        return "\(error)"
      }
      return ""
    }
    #expect(try reason(shop(.bert4rec)).contains("bert4rec fills masks"))
    #expect(
      try reason(shop(.seq2seq), GenerationRequest(stepCount: 6))
        .contains("has learned to write 5 events, and 6 are asked for"))
    #expect(try reason(shop(.seq2seq)).isEmpty)
    let shop = try shop()
    #expect(try reason(shop).isEmpty)
    var wide = GenerationRequest(stepCount: 2)
    (wide.decoding, wide.allowed, wide.denied) = (.beam(width: 4), [2, 3, 5, 7], [5, 6])
    #expect(try reason(shop, wide).contains("beams is 4, and there are 3 items"))
    wide.denied = []
    #expect(try reason(shop, wide).isEmpty)
    wide.allowed = []
    #expect(throws: DataError.self) { try shop.run(on: shop.rows).requireGeneration(wide) }
  }

  /// Generating takes the memory of its values and leaves nothing behind.
  @Test func memoryIsGivenBack() throws {
    let backend = try TestBackend.cpu8.make()
    let before = backend.bytesInUse
    let shop = try shop()
    var request = GenerationRequest(stepCount: 4)
    request.decoding = .beam(width: 3)
    _ = try shop.generated(from: shop.rows, on: .cpu8, request)
    #expect(backend.bytesInUse == before)
  }
}

extension TrainedShop {
  /// The events that follow the histories of a log, by user.
  func generated(
    from rows: [Row], on kind: TestBackend, _ request: GenerationRequest,
    keepsStates: Bool = true, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> [(user: String, events: [GeneratedEvent])] {
    var run = try run(on: rows)
    var settings = run.settings
    change(&settings)
    run = try TrainedRun(run.layout, settings: settings)
    let data = try run.loadDataset()
    var found: [(user: String, events: [GeneratedEvent])] = []
    let model = try TrainedModel(run, data, on: try kind.make())
    model.keepsStates = keepsStates
    try model.generate(request) {
      found.append((data.dataset.users[$0.user], $0.events))
    }
    return found
  }
}
