import ClseqBase
import ClseqData
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// The mean loss of an epoch is that over its cases, however they are divided into batches.
@Suite(.serialized) struct EpochLossTests {
  /// A task whose cases are some of the events alone.
  struct Case: Sendable, CustomTestStringConvertible {
    let task: TaskKind
    var target = ""
    let model: ModelKind

    var testDescription: String { "\(task.rawValue) \(target)" }
  }

  private static let cases = [
    Case(task: .nextItem, model: .transformer),
    Case(task: .classify, target: "churn", model: .gru),
    Case(task: .regress, target: "next:price", model: .mlp),
    Case(task: .timeToEvent, model: .lstm),
    several,
  ]
  private static let several = Case(task: .multi, model: .transformer)

  /// Histories of 3 to 22 events; most events of some users lack a price.
  private static let file = Result {
    let folder = try TemporaryFolder()
    var log = "user_id,item_id,event,timestamp,price\n"
    for user in 0..<70 {
      var hour = user * 37 % 300
      for place in 0..<3 + user * 7 % 20 {
        let item = (user * 3 + place * place) % 17
        let price = user % 3 > 0 || place % 4 == 0 ? "\(item % 5 + 1)" : ""
        let type = ["view", "cart", "buy"][(user + place) % 3]
        log += "u\(user),i\(item),\(type),\(1_700_000_000 + hour * 3_600),\(price)\n"
        hour += 20 + item * 11
      }
    }
    _ = try folder.write(log.utf8, to: "log.csv")
    return folder
  }

  /// Parameters that no step changes, and nothing random: a loss depends on its case alone.
  private func settings(_ test: Case, batchSize: Int) throws -> TrainingSettings {
    var settings = TrainingSettings(
      task: test.task, model: .network(test.model), target: TargetRule(test.target))
    settings.data = try Self.file.get().file("log.csv")
    settings.tasks = try #require(TaskList("next-item,next-type*0.5,next:price*2"))
    (settings.eventFeatures, settings.missing) = ([FeatureRequest("price:log")], .fill)
    settings.horizon = 30 * 86_400
    (settings.maxLength, settings.batchSize, settings.epochs) = (30, batchSize, 1)
    (settings[.hiddenSize], settings[.recurrentSizes], settings[.denseSize]) = (16, [16], 8)
    (settings.learningRate, settings.weightDecay, settings[.dropout]) = (0, 0, 0)
    return settings
  }

  private func loss(_ settings: TrainingSettings, on backend: Backend) throws -> Double {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(at: folder.file("run"))
    let trainer = try Trainer(settings, dataset: try settings.loadDataset(), on: backend)
    _ = try trainer.train(in: run, progress: ProgressReport(style: .silent))
    return try #require(try run.layout.epochs().first).loss
  }

  private func isClose(_ loss: Double, _ other: Double) -> Bool {
    abs(loss - other) < Double(Tolerance.loss(Float(other)))
  }

  @Test(arguments: cases)
  func itDoesNotDependOnBatches(_ test: Case) throws {
    let losses = try [3, 8, 1_000].map {
      try loss(settings(test, batchSize: $0), on: TestBackend.reference.make())
    }
    #expect(losses.allSatisfy { isClose($0, losses[2]) && $0 > 0 }, "\(losses)")
  }

  @Test(arguments: cases)
  func itDoesNotDependOnPasses(_ test: Case) throws {
    var settings = try settings(test, batchSize: 20)
    let whole = try loss(settings, on: TestBackend.reference.make())
    settings.memory = try TrainingPlan.smallestDeviceBytes(
      settings, split: settings.taskSplit(settings.loadDataset()))
    #expect(isClose(try loss(settings, on: try settings.openBackend()), whole))
  }

  @Test func itGoesOnWhereARunIsResumed() throws {
    let settings = try settings(Self.several, batchSize: 8)
    let whole = try loss(settings, on: TestBackend.reference.make())
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(at: folder.file("run"))
    let dataset = try settings.loadDataset()
    var steps = 0
    #expect(throws: TrainingInterrupted.self) {
      let trainer = try Trainer(settings, dataset: dataset, on: TestBackend.reference.make())
      _ = try trainer.train(in: run, progress: ProgressReport(style: .silent)) {
        steps += 1
        return steps == 3
      }
    }
    let rest = try Trainer(settings, dataset: dataset, on: TestBackend.reference.make())
    _ = try rest.train(in: run, progress: ProgressReport(style: .silent))
    #expect(try run.layout.epochs().map(\.loss) == [whole])
  }

  /// What is shown at the end of an epoch is what is logged of it.
  @Test func progressShowsIt() throws {
    let settings = try settings(Self.several, batchSize: 8)
    var (time, lines): (Double, [String]) = (0, [])
    let progress = ProgressReport(
      style: .records, write: { lines.append($0) },
      now: {
        time += 10
        return time
      })
    let trainer = try Trainer(
      settings, dataset: try settings.loadDataset(), on: TestBackend.reference.make())
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(at: folder.file("run"))
    _ = try trainer.train(in: run, progress: progress)
    let shown = try lines.compactMap { line in
      try (JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["loss"]
        as? Double
    }
    let logged = try run.layout.epochs().map(\.loss)
    #expect(shown.count > 4 && [shown.last] == logged)
  }

  @Test func aBatchWithoutACaseChangesNoMean() {
    var state = TrainingState(stopping: EarlyStopping(patience: 1))
    state.add([2, 6], dividedBy: [3, 0.5], eventCount: 9)
    state.add([0, 2], dividedBy: [0, 1.5], eventCount: 90)
    #expect(state.losses.map(\.mean) == [2, 3] && state.meanLoss == 5 && state.eventCount == 99)
    state.finishEpoch()
    #expect(state.losses.isEmpty && state.meanLoss == 0)
  }

  @Test func theSumOfAnEarlierVersionIsTaken() throws {
    var state = TrainingState(stopping: EarlyStopping(patience: 1))
    state.add([1.5], dividedBy: [4], eventCount: 4)
    let text = try JSONText.document(state)
    let earlier = text.replacing(
      try Regex(#""losses" : \[[^\]]*\]"#), with: #""lossSum" : 6"#)
    #expect(earlier != text)
    for document in [text, earlier] {
      #expect(
        try JSONText.decoder.decode(TrainingState.self, from: Data(document.utf8)) == state)
    }
  }
}
