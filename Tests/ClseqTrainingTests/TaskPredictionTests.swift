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

/// Predictions of runs that were trained for tasks beside the ranking of items.
@Suite(.serialized) struct TaskPredictionTests {
  /// The types that are told for the last events are right as often as the evaluation says.
  @Test func classesAreThoseOfTheEvaluation() throws {
    let shop = try TrainedShop(.reference) { settings, _ in
      settings.task = .nextEventType
      settings.patience = 0
    }
    let (history, last) = shop.cut
    let predictions = try shop.predictions(of: history, on: .reference)
    var right = 0
    for (prediction, truth) in zip(predictions, last) {
      guard case .classes(let names, let probabilities) = prediction.row.heads[0] else {
        Issue.record("no classes")
        continue
      }
      #expect(Set(names) == ["view", "cart", "buy"])
      #expect(abs(probabilities.reduce(0, +) - 1) < Tolerance.probability)
      if prediction.row.heads[0].likeliest.map({ names[$0] }) == truth.type { right += 1 }
    }
    let accuracy = try #require(try shop.trainer.scores(of: .test)["accuracy"])
    #expect(predictions.count == last.count)
    #expect(abs(Double(right) / Double(last.count) - accuracy) < Tolerance.mean)
  }

  /// Events are asked about before their own type is known: it may be missing, or another.
  @Test func eventsAreAskedAboutBeforeTheirOutcome() throws {
    let shop = try TrainedShop(.reference) { settings, _ in
      settings = TrainingSettings(task: .click, target: .types(["buy"]))
        .smaller(than: settings)
    }
    var rows = shop.rows(of: ["u4"])
    let first = try shop.predictions(of: rows, on: .reference)
    #expect(first.count == rows.count)
    #expect(first.map(\.row.place) == Array(0..<rows.count))
    rows[rows.count - 1].type = rows[rows.count - 1].type == "view" ? "cart" : "view"
    let second = try shop.predictions(of: rows, on: .reference)
    #expect(first.map(\.row.heads) == second.map(\.row.heads))
    rows[0].type = rows[0].type == "view" ? "cart" : "view"
    let third = try shop.predictions(of: rows, on: .reference)
    #expect(first[0].row.heads == third[0].row.heads && first[1].row.heads != third[1].row.heads)
    for case .probability(let probability) in first.flatMap(\.row.heads) {
      #expect(probability > 0 && probability < 1)
    }
  }

  /// Everybody outlives all bounds: the restricted mean is the last one. Whoever ends in the second
  /// interval for sure lives as long as its middle.
  @Test func theExpectedTimeIsRestricted() {
    let goal = RowGoal.durations(bounds: [1, 2, 10])
    func expected(_ outputs: [Float]) -> Double? {
      guard case .duration(let expected, _, _) = Prediction(goal, outputs) else { return nil }
      return expected
    }
    #expect(expected([-100, -100, -100, 0]) == 10)
    #expect(expected([-100, 100, -100, 0]) == 1.5)
    // ½ die in each interval: ¾ + ½ · ¾ + ¼ · 8 · ¾.
    #expect(expected([0, 0, 0, 0]) == 0.75 + 0.375 + 1.5)
  }

  @Test func severalTasksTellAllTheirParts() throws {
    let shop = try TrainedShop(.reference) { settings, _ in
      (settings.task, settings.tasks) = (
        .multi, try #require(TaskList("next-item,next-type,return"))
      )
    }
    let rows = shop.rows(of: ["u6", "u8"])
    let run = try shop.run(on: rows)
    let data = try run.loadDataset()
    let records = PredictionRecords(run, of: data)
    var request = RankingRequest()
    request.count = 3
    var found: [[PredictionField]] = []
    try TrainedModel(run, data, on: .reference()).predict(request) { row in
      #expect(row.items.count == 3 && row.heads.count == 2)
      guard case .duration(let expected, let bounds, let survival) = row.heads[1] else {
        Issue.record("no duration")
        return
      }
      #expect(expected > 0 && expected <= bounds[bounds.count - 1])
      #expect(zip([1] + survival, survival).allSatisfy { $0 > $1 && $1 > 0 })
      found += records.records(of: row)
    }
    let names = [
      "user", "rank", "item", "score", "next-type.class", "next-type.probability",
      "return.expected_time", "return.survival",
    ]
    #expect(found.count == 6 && found.allSatisfy { $0.map(\.name) == names })
    #expect(records.names.map(\.name) == names)
  }
}

extension TrainingSettings {
  /// These settings on the data, in the sizes and with the seed of others.
  fileprivate func smaller(than other: TrainingSettings) -> TrainingSettings {
    var settings = self
    (settings.data, settings.seed) = (other.data, other.seed)
    (settings.maxLength, settings[.hiddenSize], settings[.heads]) = (other.maxLength, 24, 2)
    (settings.batchSize, settings.epochs) = (other.batchSize, other.epochs)
    return settings
  }
}
