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

/// A trained run on data that it has, and has not, met.
@Suite(.serialized) struct PredictionTests {
  private static let kinds: [TestBackend] = [.reference, .cpu8, .gpu]

  private func shop(_ kind: TestBackend) throws -> TrainedShop { try TrainedShop(kind) { _, _ in } }

  /// The item that a user's test asks for stands, in the ranking after the same history, at the place
  /// that the evaluation gave it, and what is ranked are the evaluation's candidates.
  @Test(arguments: kinds, SeenRule.allCases)
  func rankingsAreThoseOfTheEvaluation(_ kind: TestBackend, _ seen: SeenRule) throws {
    let shop = try TrainedShop(kind) { settings, _ in settings.seen = SeenChoice(seen) }
    let ranks = try shop.trainer.evaluator.ranks(of: .test)
    let (history, last) = shop.cut
    var all = RankingRequest()
    all.count = 30
    let predictions = try shop.predictions(of: history, on: kind, all)
    let run = try shop.run(on: history)
    #expect(run.seen == seen)
    let vocabulary = run.vocabulary
    #expect(predictions.map(\.user) == last.map(\.user) && ranks.count == last.count)
    var (missed, repeated) = (0, 0)
    for (prediction, (target, rank)) in zip(predictions, zip(last, ranks)) {
      let met = Set(history.filter { $0.user == target.user }.map(\.item))
      let items = prediction.row.items.map { vocabulary[Int($0.item)] }
      let candidates = (1...vocabulary.count).map { vocabulary[$0] }
        .filter { seen == .allow || !met.contains($0) }
      #expect(Set(items) == Set(candidates) && items.count == candidates.count)
      let scores = prediction.row.items.map(\.score)
      #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 >= $1 })
      #expect(items.firstIndex(of: target.item).map { $0 + 1 } ?? .max == rank)
      if met.contains(target.item) { repeated += 1 }
      if rank == .max { missed += 1 }
    }
    #expect(repeated > 3 && missed == (seen == .exclude ? repeated : 0))
  }

  /// What a user gets is the same, bit by bit, alone and among others, in whatever order.
  @Test(arguments: kinds)
  func usersAloneGetTheSame(_ kind: TestBackend) throws {
    let shop = try shop(kind)
    let together = try shop.predictions(of: shop.rows, on: kind)
    for user in ["u0", "u7", "u39"] {
      let alone = try shop.predictions(of: shop.rows(of: [user]), on: kind)
      let among = together.filter { $0.user == user }
      #expect(alone.count == 1 && among.count == 1)
      #expect(alone[0].row.items == among[0].row.items)
    }
  }

  @Test func usersThatTrainingNeverMetAreWelcome() throws {
    let shop = try shop(.reference)
    var rows = shop.rows(of: ["u3"])
    for index in rows.indices { rows[index].user = "somebody" }
    let new = try shop.predictions(of: rows, on: .reference)
    let old = try shop.predictions(of: shop.rows(of: ["u3"]), on: .reference)
    #expect(new.map(\.user) == ["somebody"] && new[0].row.items == old[0].row.items)
    // One event is enough.
    #expect(
      try shop.predictions(of: Array(rows.prefix(1)), on: .reference)[0].row.items.count == 10)
  }

  /// Items that the run does not know are counted and, without an unknown item, as if they had not been.
  @Test func unknownItemsAreCounted() throws {
    let shop = try shop(.reference)
    let known = shop.rows(of: ["u1"])
    var rows = known
    let time = known[0].time
    rows.append(.init(user: "u1", item: "novelty", type: "view", time: time + 1))
    rows.append(.init(user: "stranger", item: "novelty", type: "view", time: time))
    rows.append(.init(user: "stranger", item: "other", type: "view", time: time + 5))
    let data = try shop.run(on: rows).loadDataset()
    #expect(data.unknownEventCount == 3 && Set(data.unknownItems) == ["novelty", "other"])
    #expect(data.leftOutUserCount == 1 && data.notes.count == 2)
    #expect(data.notes[0].contains("3 events of 2 items") && data.notes[0].contains("'novelty'"))
    let (with, without) = (
      try shop.predictions(of: rows, on: .reference),
      try shop.predictions(of: known, on: .reference)
    )
    #expect(with.map(\.row.items) == without.map(\.row.items))
    #expect(throws: DataError.self) {
      try shop.run(on: [.init(user: "x", item: "y", type: "view", time: time)]).loadDataset()
    }
  }

  @Test(arguments: kinds)
  func allowedAndDeniedItems(_ kind: TestBackend) throws {
    let shop = try shop(kind)
    let rows = shop.rows(of: ["u2", "u5"])
    var request = RankingRequest()
    (request.count, request.seen) = (30, .allow)
    let all = try shop.predictions(of: rows, on: kind, request)
    #expect(all.allSatisfy { $0.row.items.count == shop.itemCount })
    request.allowed = [2, 3, 5, 7, 11]
    request.denied = [3, 4]
    let some = try shop.predictions(of: rows, on: kind, request)
    for (few, many) in zip(some, all) {
      // The same scores in the same order, bit by bit.
      #expect(few.row.items == many.row.items.filter { [2, 5, 7, 11].contains($0.item) })
    }
    request.seen = .exclude
    request.allowed = nil
    let unseen = try shop.predictions(of: rows, on: kind, request)
    let vocabulary = try shop.run(on: rows).vocabulary
    for (few, many) in zip(unseen, all) {
      let seen = rows.filter { $0.user == few.user }.compactMap { vocabulary.index(of: $0.item) }
      #expect(
        few.row.items
          == many.row.items.filter { !seen.contains($0.item) && ![3, 4].contains($0.item) })
    }
    request.allowed = [3]
    #expect(throws: DataError.self) { try shop.predictions(of: rows, on: kind, request) }
  }

  /// What is known of items comes from the run: the table that it was trained with may be gone.
  @Test func attributesOfItemsAreTheRuns() throws {
    let shop = try TrainedShop(.reference) { settings, folder in
      let lines = (0..<30).map { "i\($0),\(["red", "blue"][$0 % 2]),\($0 * $0)\n" }
      settings.items = try folder.write(
        Array(("item_id,colour,price\n" + lines.joined()).utf8), to: "items.csv")
      settings.inputs = .kinds([.items])
    }
    try FileManager.default.removeItem(atPath: shop.settings.items)
    #expect(shop.trainer.split.seen == .allow)
    let ranks = try shop.trainer.evaluator.ranks(of: .test)
    let (history, last) = shop.cut
    var all = RankingRequest()
    all.count = 30
    let vocabulary = try shop.run(on: history).vocabulary
    for (prediction, (target, rank)) in zip(
      try shop.predictions(of: history, on: .reference, all), zip(last, ranks))
    {
      #expect(vocabulary[Int(prediction.row.items[rank - 1].item)] == target.item)
    }
    try FileManager.default.removeItem(
      atPath: RunLayout(path: shop.folder.file("run")).itemInputsPath)
    #expect(throws: (any Error).self) { try shop.predictions(of: history, on: .reference) }
  }

  @Test func countsOfItemsAreThoseOfTraining() throws {
    let shop = try shop(.reference)
    let run = try shop.run(on: shop.rows)
    let split = shop.trainer.split
    var counts = [Int](repeating: 0, count: run.vocabulary.count)
    for user in 0..<split.dataset.userCount {
      for item in split.training(of: user) { counts[Int(item) - 1] += 1 }
    }
    #expect(try run.itemCounts() == counts && counts.reduce(0, +) == shop.rows.count - 80)
    try Data("1\n2\n".utf8).write(to: URL(fileURLWithPath: run.layout.itemCountsPath))
    #expect(throws: DataError.self) { try run.itemCounts() }
  }

  /// Using a model takes the memory of its values and leaves nothing behind.
  @Test func memoryIsGivenBack() throws {
    let backend = try TestBackend.cpu8.make()
    let before = backend.bytesInUse
    let shop = try shop(.cpu8)
    _ = try shop.predictions(of: shop.rows, on: .cpu8)
    #expect(backend.bytesInUse == before)
  }
}

extension TrainedShop {
  /// V.
  var itemCount: Int { trainer.model.itemCount }
}
