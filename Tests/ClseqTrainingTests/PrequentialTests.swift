import ClseqBase
import ClseqData
import ClseqInference
import ClseqModels
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// Periods of a log that are scored before they are trained on.
@Suite(.serialized) struct PrequentialTests {
  private let day: Int64 = 86_400_000_000

  /// The start of a shop's log.
  private func start(of dataset: SequenceDataset) throws -> Int64 {
    try #require(dataset.times?.min())
  }

  /// What is known before a moment is known to no later event.
  @Test func onlyThePastIsTrainedOn() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let dataset = try shop.settings.loadDataset()
    let first = try start(of: dataset)
    for days in 1...7 as ClosedRange<Int64> {
      let (moment, added) = (first + days * day, first + (days - 1) * day)
      let past = try #require(dataset.past(before: moment, addedFrom: added))
      let times = try #require(past.times)
      let whole = try #require(dataset.times)
      #expect(times.allSatisfy { $0 < moment } && times.count == whole.count { $0 < moment })
      #expect(past.events.additions.map(Array.init) == times.map { $0 >= added })
      let met = Set(past.items)
      #expect(past.itemCount == Int(met.max() ?? 0) && past.itemCount == met.count)
      #expect((1...past.itemCount).allSatisfy { past.vocabulary[$0] == dataset.vocabulary[$0] })
      let split = Split.untilNow(past, name: "x")
      for user in 0..<past.userCount {
        let count = past[user].count
        #expect(split.training(of: user).count == (count < 3 ? count : count - 1))
      }
      #expect(!split.users(of: .validation).isEmpty)
    }
    #expect(dataset.past(before: first, addedFrom: nil) == nil)
  }

  /// The rank of an event is its place among the recommendations after what its user did before.
  @Test(arguments: [ModelKind.transformer, .bert4rec, .lstm], [SeenChoice.exclude, .allow])
  func ranksAreThoseOfRecommendations(_ model: ModelKind, _ seen: SeenChoice) throws {
    let shop = try TrainedShop(.reference) { settings, _ in
      (settings.model, settings.maxLength, settings.seen) = (.network(model), 4, seen)
    }
    // Two users come later, one item is unknown to the model.
    var rows = shop.rows(of: Set((0..<20).map { "u\($0)" }))
    for (user, offset) in [("new0", 0), ("new1", 5)] {
      for (place, item) in ["i1", "novel", "i2", "i3", "i1", "i9"].enumerated() {
        rows.append(
          .init(
            user: user, item: item, type: "view", time: 1_700_700_000 + offset + 60 * place))
      }
    }
    var settings = shop.settings
    settings.data = try TrainedShop.write(rows, to: shop.folder, "stream.csv")
    var needs = EventNeeds()
    needs.leastUserEvents = 1
    let dataset = try settings.loadDataset(needs: needs)
    let period = Int64(1_700_100_000_000_000)..<Int64(1_700_700_400_000_000)
    let layout = RunLayout(path: shop.folder.file("run"))
    let ranks = try PeriodRanks(
      by: TrainedRun(layout, settings: try layout.settings()), of: dataset, in: period,
      on: try TestBackend.reference.make())
    var (old, new): ([Int], [Int]) = ([], [])
    for user in (0..<dataset.userCount).map({ dataset.users[$0] }) {
      let own = rows.filter { $0.user == user }.sorted { $0.time < $1.time }
      for place in own.indices.dropFirst()
      where period.contains(Int64(own[place].time) * 1_000_000) {
        let history = Array(own[..<place])
        var request = RankingRequest()
        request.count = 30
        let known = history.contains { $0.item != "novel" } && own[place].item != "novel"
        let answer = try known ? shop.predictions(of: history, on: .reference, request) : []
        let items = answer.first?.row.items.map { item in
          shop.trainer.split.dataset.vocabulary[Int(item.item)]
        }
        let rank = items?.firstIndex(of: own[place].item).map { $0 + 1 } ?? .max
        if Int64(own[0].time) * 1_000_000 < period.lowerBound {
          old.append(rank)
        } else {
          new.append(rank)
        }
      }
    }
    #expect(ranks.old == old && ranks.new == new)
    #expect(old.count > 5 && new.count == 10 && new.contains(.max))
    #expect(Set(old + new).count > 5)
  }

  /// Each period is scored by the model before it and by the next one; the same seed gives the same table.
  @Test func periodsAreScoredBeforeTheyAreTrainedOn() throws {
    let shop = try TrainedShop(.cpu8) { _, _ in }
    func report(_ name: String, _ change: (inout TrainingSettings) -> Void = { _ in }) throws
      -> PrequentialReport
    {
      var settings = shop.settings
      change(&settings)
      var evaluation = try PrequentialEvaluation(
        ResolvedSettings(settings), try settings.loadDataset(), from: .percent(70),
        every: 2 * 86_400, in: shop.folder.file(name))
      evaluation.openBackend = { try TestBackend.cpu8.make() }
      let report = try evaluation.report()
      #expect(report.periods.count == evaluation.periods.count - 1 && report.periods.count > 1)
      let kept = try FileManager.default.contentsOfDirectory(atPath: shop.folder.file(name))
      #expect(kept == ["continued-\(report.periods.count)"])
      let lineage = try RunLayout(path: report.run).passport().startedFrom
      #expect(lineage?.count == report.periods.count)
      return report
    }
    let (first, second) = (try report("a"), try report("b"))
    #expect(first.periods.map(\.continued.all) == second.periods.map(\.continued.all))
    #expect(first.periods.map(\.earlier.all) == second.periods.map(\.earlier.all))
    #expect(first.periods.map(\.scratch?.all) == second.periods.map(\.scratch?.all))
    #expect(first.total.oldEvents == first.periods.reduce(0) { $0 + $1.oldEvents })
    let scores = [first.periods[0].earlier.all, first.periods[0].continued.all]
    #expect(scores[0] != scores[1] && scores.allSatisfy { (0...1).contains($0 ?? -1) })
    // What comes later changes nothing.
    let cut = shop.rows.filter {
      $0.time < Int(TimeText.microseconds(first.periods[1].to) ?? 0) / 1_000_000
    }
    let path = try TrainedShop.write(cut, to: shop.folder, "cut.csv")
    let start = try #require(TimeText.microseconds(first.periods[0].from)) - 2 * day
    var settings = shop.settings
    settings.data = path
    var needs = EventNeeds()
    needs.leastUserEvents = 1
    var evaluation = try PrequentialEvaluation(
      ResolvedSettings(settings), try settings.loadDataset(needs: needs), from: .time(start),
      every: 2 * 86_400, in: shop.folder.file("c"))
    evaluation.openBackend = { try TestBackend.cpu8.make() }
    evaluation.hasScratch = false
    let third = try evaluation.report()
    #expect(third.periods[0].earlier.all == first.periods[0].earlier.all)
    #expect(third.periods[1].scratch == nil && third.total.scratch == nil)
  }

  /// The first model starts from a run, and the others go on from it.
  @Test func theFirstModelMayStartFromARun() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    var settings = shop.settings
    settings.startFrom = shop.folder.file("run")
    var evaluation = try PrequentialEvaluation(
      ResolvedSettings(settings), try settings.loadDataset(), from: .percent(70),
      every: 2 * 86_400, in: shop.folder.file("a"))
    evaluation.openBackend = { try TestBackend.reference.make() }
    evaluation.hasScratch = false
    let report = try evaluation.report()
    let lineage = try #require(try RunLayout(path: report.run).passport().startedFrom)
    #expect(lineage.count == report.periods.count + 1)
    #expect(lineage.last?.hasPrefix(settings.startFrom) == true)
  }

  @Test func whatCannotBeScoredIsRefusedBeforeTraining() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    func fault(
      from start: TimePoint = .percent(40), every: Double = 172_800,
      _ change: (inout TrainingSettings) -> Void = { _ in }
    ) throws -> String {
      var settings = shop.settings
      let dataset = try settings.loadDataset()
      change(&settings)
      do {
        _ = try PrequentialEvaluation(
          ResolvedSettings(settings), dataset, from: start, every: every, in: "x")
      } catch { return "\(error)" }
      return ""
    }
    #expect(try fault() == "")
    #expect(try fault(every: 3_600).contains("no event lies from 2023-11-"))
    #expect(try fault(every: 900 * 86_400).contains("fewer than two periods"))
    #expect(try fault(from: .time(0)).contains("no event is before 1970-01-01"))
    #expect(try fault { $0.data = "" }.contains("name a log"))
    #expect(try fault { $0.model = .baseline(.popularity) }.contains("--task next-item"))
    #expect(try fault { $0.task = .nextEventType }.contains("--task next-item"))
    #expect(try fault { ($0.startFrom, $0.loraRank) = ("r", 2) }.contains("leave out lora_rank"))
  }
}
