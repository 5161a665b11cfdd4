import ClseqNN
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// Event files, read by TensorBoard itself.
@Suite(
  .enabled(if: TestPython.has("tensorboard"), "no Python with tensorboard: name one by TEST_PYTHON")
)
struct TensorBoardTests {
  /// What `read_events.py` prints.
  private struct Events: Decodable {
    struct Scalar: Decodable {
      let step: Int
      let value: Double
    }

    struct Histogram: Decodable {
      let step: Int
      let least: Double
      let greatest: Double
      let count: Double
      let sum: Double
      let squareSum: Double
      let limits: [Double]
      let counts: [Double]

      func equals(_ other: ValueHistogram) -> Bool {
        least == other.least && greatest == other.greatest && count == Double(other.count)
          && sum == other.sum && squareSum == other.squareSum && limits == other.limits
          && counts == other.counts.map(Double.init)
      }
    }

    struct Session: Decodable {
      let settings: [String: Value]
      let status: String?
    }

    enum Value: Decodable, Equatable {
      case text(String)
      case number(Double)
      case flag(Bool)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
          self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
          self = .number(number)
        } else {
          self = .text(try container.decode(String.self))
        }
      }
    }

    let scalars: [String: [Scalar]]
    let histograms: [String: [Histogram]]
    let texts: [String: [String]]
    let session: Session
  }

  private func read(_ folder: String) throws -> Events {
    let result = try TestPython.run([Fixture.path("read_events.py"), folder])
    #expect(result.status == 0)
    return try JSONDecoder().decode(Events.self, from: result.output)
  }

  /// A run of two epochs of three steps each that is cut off after a step and goes on.
  private struct CutRun {
    let folder: TemporaryFolder
    let trainer: Trainer
    let summary: TrainingSummary

    /// - Parameter isCut: Asked with the run's path after every step, and in evaluations.
    init(where isCut: @escaping (String) -> Bool) throws {
      let shop = try TrainedShop(.reference) { settings, _ in settings.seed = .max }
      folder = shop.folder
      let dataset = try shop.settings.loadDataset()
      let progress = ProgressReport(style: .silent)
      #expect(throws: TrainingInterrupted.self) {
        let trainer = try Trainer(shop.settings, dataset: dataset, on: .reference())
        let run = try RunDirectory.create(at: shop.folder.file("cut"))
        try trainer.prepare(run)
        _ = try trainer.train(in: run, progress: progress) {
          isCut(run.path)
        }
      }
      trainer = try Trainer(shop.settings, dataset: dataset, on: .reference())
      let run = try RunDirectory.resume(at: folder.file("cut"))
      try trainer.prepare(run)
      summary = try trainer.train(in: run, progress: progress)
    }

    var path: String { folder.file("cut") }

    /// A run that is cut off after the first step of its second epoch.
    static func inTheSecondEpoch() throws -> CutRun {
      try CutRun { path in
        FileManager.default.fileExists(atPath: "\(path)/checkpoints/step-000000003-validated")
      }
    }
  }

  @Test func aRunThatWasCutOffIsWhole() throws {
    let run = try CutRun.inTheSecondEpoch()
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: run.path).count { $0.hasPrefix("events") }
        == 2)
    let events = try read(run.path)

    let epochs = try RunLayout.existing(at: run.path).epochs()
    #expect(epochs.map(\.step) == [3, 6])
    let losses = try #require(events.scalars["loss/train"])
    #expect(losses.map(\.step) == [3, 6])
    #expect(losses.map { Float($0.value) } == epochs.map { Float($0.loss) })
    for (title, scores) in [
      ("test", run.summary.test), ("best_validation", run.summary.validation),
    ] {
      for (name, value) in scores {
        let found = try #require(events.scalars["\(title)/\(name)"])
        #expect(found.map(\.step) == [6] && Float(found[0].value) == Float(value))
      }
    }
    #expect(events.scalars["best_epoch"]?.map(\.value) == [Double(run.summary.bestEpoch)])

    let yaml = try String(contentsOfFile: "\(run.path)/config.yaml", encoding: .utf8)
    let text = try #require(events.texts["config"]?.last)
    #expect(text.split(separator: "\n").map { $0.dropFirst(4) } == yaml.split(separator: "\n"))

    let settings = events.session.settings
    #expect(settings["hidden_size"] == .number(16) && settings["learning_rate"] == .number(0.01))
    #expect(settings["model"] == .text("transformer") && settings["nesterov"] == .flag(false))
    #expect(settings["seed"] == .text("18446744073709551615") && settings["type_column"] == nil)
    #expect(events.session.status == "STATUS_SUCCESS")
  }

  @Test func everyArrayHasItsHistograms() throws {
    let run = try CutRun.inTheSecondEpoch()
    let events = try read(run.path)
    let best = try #require(try RunLayout.existing(at: run.path).best())
    let names = try ParameterFile(readingFrom: best.file("model.safetensors")).tensors.map(\.name)
    #expect(names.count > 10)
    #expect(
      Set(events.histograms.keys) == Set(names.flatMap { ["parameters/\($0)", "gradients/\($0)"] }))
    for histograms in events.histograms.values { #expect(histograms.map(\.step) == [3, 6]) }

    // The trainer has the parameters of the best epoch, and the gradients of the last step.
    let store = run.trainer.store
    for (parameter, offset) in zip(store.parameters, store.offsets) where parameter.parts.isEmpty {
      let range = offset..<offset + parameter.count
      let values = try #require(ValueHistogram(try store.backend.read(store.values)[range]))
      let all = try #require(events.histograms["parameters/\(parameter.name)"])
      #expect(all[run.summary.bestEpoch - 1].equals(values), "\(parameter.name)")
      let gradient = try #require(ValueHistogram(try store.backend.read(store.gradients)[range]))
      let last = try #require(events.histograms["gradients/\(parameter.name)"]?.last)
      #expect(last.equals(gradient), "\(parameter.name)")
    }
  }

  /// Without a step since the run was resumed there is no gradient to tell of.
  @Test func anEpochThatWasCutOffAtItsEndHasNoGradients() throws {
    var stepCount = 0
    let run = try CutRun { _ in
      stepCount += 1
      return stepCount == 3
    }
    let events = try read(run.path)
    #expect(events.histograms["parameters/items.weight"]?.map(\.step) == [3, 6])
    #expect(events.histograms["gradients/items.weight"]?.map(\.step) == [6])
  }

  /// What a process logged that ended before its next checkpoint is logged anew.
  @Test func whatNeverWasIsForgotten() throws {
    let folder = try TemporaryFolder()
    let date = Date(timeIntervalSince1970: 1_700_000_000)
    let first = try TensorBoardWriter(directory: folder.path, date: date)
    for step in [10, 20, 30] { try first.append([("loss", Double(step))], step: step, date: date) }
    let second = try TensorBoardWriter(directory: folder.path, date: date)
    try second.restart(step: 21, date: date)
    try second.append([("loss", 31)], step: 30, date: date)
    let losses = try #require(try read(folder.path).scalars["loss"])
    #expect(losses.map(\.step) == [10, 20, 30] && losses.map(\.value) == [10, 20, 31])
  }
}
