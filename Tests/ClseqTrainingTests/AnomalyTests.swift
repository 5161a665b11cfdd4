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

/// Scores of unusual sequences by trained runs.
@Suite(.serialized) struct AnomalyTests {
  private func shop(
    _ kind: TestBackend = .reference, _ model: ModelKind = .transformer
  ) throws -> TrainedShop {
    try TrainedShop(kind) { settings, _ in settings.model = .network(model) }
  }

  private func report(
    _ shop: TrainedShop, on rows: [TrainedShop.Row]? = nil, _ request: AnomalyRequest,
    _ kind: TestBackend = .reference, batchSize: Int = 16, labels: String? = nil, top: Int = 3
  ) throws -> (report: AnomalyReport, entries: [AnomalyReport.Entry], run: TrainedRun) {
    let layout = try RunLayout.existing(at: shop.folder.file("run"))
    var settings = try layout.settings()
    settings.data = try TrainedShop.write(rows ?? shop.rows, to: shop.folder, "scored.csv")
    (settings.batchSize, settings.sessionGap) = (batchSize, 36_000)
    let run = try TrainedRun(layout, settings: settings)
    let data = try run.loadDataset(keepsUnknown: true)
    let backend = try kind.make()
    let detection = try AnomalyDetection(of: run, request, on: backend)
    var entries: [AnomalyReport.Entry] = []
    let table = try labels.map {
      try SequenceLabels(try shop.folder.write($0.utf8, to: "labels.csv"), ReadingOptions())
    }
    let report = try AnomalyReport(
      of: try TrainedModel(run, data, on: backend), data, detection, top: top, labels: table,
      seed: 3
    ) { entries.append($0) }
    return (report, entries, run)
  }

  /// −log softmax of each item but the first, in plain loops.
  private func likelihoods(_ items: [Int32], by shop: TrainedShop) throws -> [Double] {
    let (backend, model) = (shop.trainer.store.backend, shop.trainer.model)
    let states = try backend.read(
      try model.hiddenStates(
        of: try TestBatch([Array(items.dropLast())]).make(on: backend), only: nil,
        on: Tape(backend, mode: .inference)))
    let table = try backend.read(try #require(model.outputTable).value)
    let width = model.stateWidth
    return items.dropFirst().enumerated().map { event, item in
      let scores = (1...model.itemCount).map { row in
        (0..<width).reduce(0.0) {
          $0 + Double(states[event * width + $1]) * Double(table[row * width + $1])
        }
      }
      return log(scores.reduce(0) { $0 + exp($1) }) - scores[Int(item) - 1]
    }
  }

  /// Of at most nine events, of which the model sees all.
  @Test(arguments: TestBackend.allCases, [ModelKind.transformer, .gru])
  func scoresAreMeansOfLikelihoods(_ kind: TestBackend, _ name: ModelKind) throws {
    let shop = try shop(kind, name)
    var request = AnomalyRequest(.users)
    (request.eventCount, request.quantile) = (2, 0.9)
    let found = try report(shop, request, kind)
    #expect(found.entries.count == 40 && found.report.sequences == 40)
    for entry in found.entries where entry.facts.events <= 9 {
      let items = shop.rows(of: [entry.user]).compactMap { found.run.vocabulary.index(of: $0.item) }
      let expected = try likelihoods(items, by: shop)
      let mean = expected.reduce(0, +) / Double(expected.count)
      #expect(abs(try #require(entry.score) - mean) < Tolerance.crossEntropy * max(1, mean))
      let order = expected.indices.sorted { expected[$0] > expected[$1] }.prefix(2)
      #expect(entry.unusual.map(\.number) == order.map { $0 + 2 })
      #expect(entry.isFlagged == (entry.score! > found.report.threshold))
    }
    let scores = found.entries.compactMap(\.score).sorted(by: >)
    #expect(found.report.mostUnusual.map(\.score) == scores.prefix(3).map { $0 })
  }

  /// Whatever the batch; a window of a user scores as a user with these events alone.
  @Test(arguments: [AnomalyRequest.Measure.likelihood, .distance])
  func stretchesAreSequencesOfTheirOwn(_ measure: AnomalyRequest.Measure) throws {
    let shop = try shop()
    for subject in [
      VectorRequest.Subject.windows(length: 4, step: 2), .windows(length: 3, step: 3), .sessions,
    ] {
      let request = AnomalyRequest(subject, by: measure)
      let found = try report(shop, request).entries
      #expect(try report(shop, request, batchSize: 1).entries.map(\.score) == found.map(\.score))
      guard case .windows(let length, _) = subject else { continue }
      for entry in found.prefix(8) {
        let rows = shop.rows(of: [entry.user])
        let window = Array(rows[entry.numbers[0] - 1..<entry.numbers[1]])
        let alone = try report(shop, on: window, request).entries
        #expect(window.count == length && alone.map(\.score) == [entry.score])
        #expect(entry.id == "\(entry.user):\(entry.numbers[0])-\(entry.numbers[1])")
      }
    }
  }

  /// The threshold is a quantile of what training saw: all events but the last two of each user.
  @Test(arguments: [AnomalyRequest.Measure.likelihood, .distance], [0.5, 0.9, 1])
  func theThresholdIsAQuantileOfTraining(
    _ measure: AnomalyRequest.Measure, _ quantile: Double
  ) throws {
    let shop = try shop()
    var request = AnomalyRequest(.users, by: measure)
    request.quantile = quantile
    let training = Dictionary(grouping: shop.rows.indices) { shop.rows[$0].user }.values
      .flatMap { $0.dropLast(2) }.sorted().map { shop.rows[$0] }
    let found = try report(shop, on: training, request)
    let scores = found.entries.compactMap(\.score)
    let above = scores.count { $0 > found.report.threshold }
    #expect(scores.count == found.report.trainingSequences)
    #expect(above == scores.count - Int((quantile * Double(scores.count)).rounded(.up)))
    #expect(scores.contains(found.report.threshold) && found.report.flagged == above)
  }

  /// An event of an unknown item counts as one of the rarest item, and changes no other event's likelihood; a user of
  /// such items alone has a score.
  @Test func unknownItemsCountAsTheRarest() throws {
    let shop = try shop()
    let plain = try report(shop, AnomalyRequest(.users))
    var rows = shop.rows
    let place = try #require(rows.firstIndex { $0.user == "u7" }) + 2
    rows.insert(rows[place], at: place)
    rows[place].item = "never"
    rows += (0..<3).map {
      TrainedShop.Row(user: "stranger", item: "odd\($0)", type: "view", time: 1_800_000_000 + $0)
    }
    let found = try report(shop, on: rows, AnomalyRequest(.users))
    let counts = try found.run.itemCounts()
    let rarest = try #require(counts.filter { $0 > 0 }.min())
    let nats = -log(Double(rarest) / Double(counts.reduce(0, +)))
    #expect(found.report.unknownEvents == 4)
    for (before, after) in zip(plain.entries, found.entries) {
      guard after.user == "u7" else {
        #expect(before.score == after.score && after.unknownEvents == 0)
        continue
      }
      let count = Double(before.facts.events)
      let expected = (try #require(before.score) * (count - 1) + nats) / count
      #expect(after.unknownEvents == 1)
      #expect(abs(try #require(after.score) - expected) < 1e-6)
    }
    let stranger = try #require(found.entries.last)
    #expect(abs(try #require(stranger.score) - nats) < 1e-9 && stranger.unknownEvents == 3)
    #expect(stranger.unusual.map(\.item) == ["odd1", "odd2"])
    let far = try report(shop, on: rows, AnomalyRequest(.users, by: .distance))
    #expect(far.entries.last?.score == nil && far.report.unscored == 1)
    #expect(far.entries.dropLast().allSatisfy { $0.score != nil })
  }

  /// The largest mean of three events one after another, by all likelihoods of the mean.
  @Test func theLargestMeanIsFound() throws {
    let shop = try shop()
    var request = AnomalyRequest(.users)
    request.eventCount = 100
    let means = try report(shop, request).entries
    (request.aggregate, request.span) = (.max, 3)
    for (mean, largest) in zip(means, try report(shop, request).entries) {
      let all = mean.unusual.sorted { $0.number < $1.number }.map(\.surprise)
      let spans = (0...max(0, all.count - 3)).map { all[$0..<min(all.count, $0 + 3)] }
      let expected = spans.map { $0.reduce(0, +) / Double($0.count) }.max() ?? 0
      #expect(abs(try #require(largest.score) - expected) < 1e-9)
      #expect(largest.unusual.count == min(3, all.count))
    }
  }

  /// The largest sum of differences between events after all others and after those of a stretch alone.
  /// Users of the training part are whole there: without their last two events none would have the 13 that a change needs.
  @Test func theLargestChangeIsFound() throws {
    let shop = try TrainedShop(.reference) { settings, _ in settings.splitBy = .user }
    var request = AnomalyRequest(.users)
    (request.aggregate, request.span, request.eventCount) = (.change, 9, 100)
    let found = try report(shop, request).entries
    #expect(found.contains { $0.score != nil } && found.contains { $0.score == nil })
    var checked = 0
    for entry in found {
      let rows = shop.rows(of: [entry.user])
      let items = rows.compactMap { shop.trainer.split.dataset.vocabulary.index(of: $0.item) }
      #expect((entry.score == nil) == (items.count < 13))
      guard items.count == 13, let score = entry.score else { continue }
      checked += 1
      // One stretch, from the sixth event on. The model sees eight events, of the last four those from the fifth on.
      let (whole, alone) = (
        try likelihoods(Array(items[4...]), by: shop), try likelihoods(Array(items[5...]), by: shop)
      )
      let expected = zip(whole.suffix(4), alone.suffix(4)).map { $0 - $1 }
      let tolerance = 10 * Tolerance.crossEntropy
      #expect(abs(score - expected.reduce(0, +)) < tolerance)
      #expect(entry.from == 10 && entry.to == 13)
      for event in entry.unusual {
        #expect(abs(event.surprise - expected[event.number - 10]) < tolerance)
      }
    }
    #expect(checked > 0)
  }

  /// The figures of labels by counting pairs; sequences without a label count for nothing.
  @Test func labelsAreChecked() throws {
    let shop = try shop()
    let kinds = (0..<30).map { $0 % 5 == 0 ? "odd" : $0 % 7 == 1 ? "rare" : "none" }
    let labels = "user_id,kind\n" + kinds.enumerated().map { "u\($0),\($1)\n" }.joined()
    let found = try report(shop, AnomalyRequest(.users), labels: labels)
    let check = try #require(found.report.check)
    #expect(check.kinds.map(\.kind) == ["all", "odd", "rare", "ordinary"])
    #expect(check.unlabelled == 10)
    func scores(of kind: String) -> [Double] {
      found.entries.compactMap { entry in
        guard let user = Int(entry.user.dropFirst()), user < 30 else { return nil }
        let isAny = kind == "all" && kinds[user] != "none"
        return isAny || kinds[user] == kind ? entry.score : nil
      }
    }
    let ordinary = scores(of: "none")
    for kind in check.kinds.dropLast() {
      let odd = scores(of: kind.kind)
      var wins = 0.0
      for score in odd {
        for other in ordinary { wins += score > other ? 1 : score == other ? 0.5 : 0 }
      }
      #expect(kind.sequences == odd.count)
      let expected = wins / Double(odd.count * ordinary.count)
      #expect(abs(try #require(kind.auc) - expected) < 1e-12)
      #expect(kind.aucShuffled != nil && kind.averagePrecision != nil)
    }
    #expect(check.kinds[3].auc == nil && check.kinds[3].sequences == ordinary.count)
    for (text, part) in [
      ("user_id,kind\nnobody,none\n", "no label is of a sequence"),
      ("user_id,kind\nu1,none\nu2,none\n", "every label"),
      ("user_id,kind\nu1,odd\nu2,rare\n", "no label is of an ordinary"),
      ("user_id,a,b\nu1,1,2\n", "a column of labels"),
    ] {
      #expect {
        try report(shop, AnomalyRequest(.users), labels: text)
      } throws: {
        "\($0)".contains(part)
      }
    }
  }

  /// A log that has become another one gives no threshold.
  @Test func anotherLogIsRefused() throws {
    let shop = try shop()
    _ = try TrainedShop.write(Array(shop.rows.dropLast()), to: shop.folder, "log.csv")
    #expect { try report(shop, AnomalyRequest(.users)) } throws: {
      "\($0)".contains("no longer the log")
    }
  }
}
