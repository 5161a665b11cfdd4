import ClseqData
import ClseqInference
import ClseqModels
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Foundation

/// A small log and a run trained on it for two epochs, in a folder of their own.
final class TrainedShop {
  /// A log's rows, written as CSV.
  struct Row {
    var user: String
    var item: String
    var type: String
    var time: Int
  }

  let folder: TemporaryFolder
  let settings: TrainingSettings
  let trainer: Trainer
  /// The log, users one after another in the order of time.
  let rows: [Row]

  /// - Parameter change: What the run has beside small sizes.
  init(_ kind: TestBackend, _ change: (inout TrainingSettings, TemporaryFolder) throws -> Void)
    throws
  {
    folder = try TemporaryFolder()
    rows = Self.makeRows()
    var settings = TrainingSettings()
    (settings.maxLength, settings[.hiddenSize], settings.batchSize) = (8, 16, 16)
    (settings.epochs, settings.learningRate, settings.seed) = (2, 0.01, 3)
    settings.data = try Self.write(rows, to: folder, "log.csv")
    try change(&settings, folder)
    self.settings = settings
    trainer = try Trainer(
      settings, dataset: try settings.loadDataset(), on: try kind.make())
    let run = try RunDirectory.create(at: folder.file("run"))
    try trainer.prepare(run)
    let progress = ProgressReport(style: .silent)
    _ = try trainer.train(in: run, progress: progress)
  }

  /// 40 users with 3 to 14 events among 30 items, where the type follows from item and user.
  private static func makeRows() -> [Row] {
    var numbers = TestNumbers(seed: 5)
    return (0..<40).flatMap { user -> [Row] in
      let count = 3 + Int(numbers.indices(1, below: 12)[0])
      return numbers.indices(count, below: 30).enumerated().map { place, item in
        Row(
          user: "u\(user)", item: "i\(item)",
          type: ["view", "cart", "buy"][(Int(item) + user) % 3],
          time: 1_700_000_000 + user + 3_600 * place * (1 + place))
      }
    }
  }

  static func write(_ rows: [Row], to folder: TemporaryFolder, _ name: String) throws -> String {
    let lines = rows.map { "\($0.user),\($0.item),\($0.type),\($0.time)\n" }
    return try folder.write(
      Array(("user_id,item_id,event,timestamp\n" + lines.joined()).utf8), to: name)
  }

  /// The rows of some users.
  func rows(of users: Set<String>) -> [Row] { rows.filter { users.contains($0.user) } }

  /// The log without each user's last event, and those events.
  var cut: (history: [Row], last: [Row]) {
    let isLast = rows.indices.map { $0 == rows.count - 1 || rows[$0 + 1].user != rows[$0].user }
    return (
      zip(rows, isLast).filter { !$0.1 }.map(\.0), zip(rows, isLast).filter(\.1).map(\.0)
    )
  }

  /// The run, opened for a log.
  func run(on rows: [Row], as name: String = "new.csv") throws -> TrainedRun {
    let layout = try RunLayout.existing(at: folder.file("run"))
    var settings = try layout.settings()
    settings.data = try Self.write(rows, to: folder, name)
    return try TrainedRun(layout, settings: settings)
  }

  /// What the model says of a log, by user.
  func predictions(
    of rows: [Row], on kind: TestBackend, _ request: RankingRequest = RankingRequest(),
    at moment: Int64? = nil
  ) throws -> [(user: String, row: PredictedRow)] {
    let run = try run(on: rows)
    let data = try run.loadDataset(at: moment)
    var found: [(user: String, row: PredictedRow)] = []
    try TrainedModel(run, data, on: try kind.make()).predict(request) {
      found.append((data.dataset.users[$0.user], $0))
    }
    return found
  }
}

/// The parameters of a training by name.
func parameterValues(_ trainer: Trainer) throws -> [String: [Float]] {
  Dictionary(
    uniqueKeysWithValues: try trainer.store.parameters.map {
      ($0.name, try trainer.store.backend.read($0.value))
    })
}
