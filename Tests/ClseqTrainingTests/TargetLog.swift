import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Foundation

/// A small log with types, ratings and prices, and runs trained on it for every task.
final class TargetLog {
  struct Row {
    var user: String
    var item: String
    var type: String
    var rating: Int
    var price: Int
    /// Seconds since 1970.
    var time: Int
  }

  /// A task with its target and a model.
  struct Case: Sendable, CustomStringConvertible {
    let task: TaskKind
    var target = ""
    var model = ModelKind.transformer
    var pooling = Pooling.last

    var description: String { "\(task.rawValue) \(target) \(model.name) \(pooling.rawValue)" }
    /// Whether the model is asked about users, and knows how old events are.
    var isOfUsers: Bool { TrainingSettings(task: task, target: rule).targetRule?.subject == .user }
    var rule: TargetRule? { target.isEmpty ? nil : TargetRule(target) }
  }

  /// Every kind of target, and every model.
  static let cases: [Case] = [
    Case(task: .nextItem), Case(task: .nextItem, model: .mlp), Case(task: .nextItem, model: .cnn),
    Case(task: .nextItem, model: .lstmAttention), Case(task: .nextEventType, model: .gru),
    Case(task: .click, target: "label>=3", model: .transformerCTR),
    Case(task: .click, target: "type=buy", model: .din),
    Case(task: .click, target: "label>=3", model: .dlrm), Case(task: .nextItem, model: .dlrm),
    Case(task: .click, target: "label>=3", model: .cnn),
    Case(task: .regress, target: "label", model: .lstm),
    Case(task: .regress, target: "next:price", model: .mlp),
    Case(task: .timeToEvent, model: .lstm),
    Case(task: .nextItem, model: .bert4rec), Case(task: .nextItem, model: .seq2seq),
    Case(task: .nextItem, model: .lstmSeq2seq),
    Case(task: .classify, target: "churn", model: .gru),
    Case(task: .classify, target: "churn", model: .bert4rec, pooling: .mean),
    Case(task: .classify, target: "churn", model: .bert4rec, pooling: .summary),
    Case(task: .nextEventType, model: .lstm, pooling: .attention),
    Case(task: .classify, target: "user:plan", model: .transformer),
    Case(task: .regress, target: "future-count", model: .mlp),
    Case(task: .regress, target: "future-sum:price", model: .lstmAttention),
    Case(task: .timeToEvent, target: "user:days/ended", model: .cnn), Case(task: .multi),
    Case(task: .multi, model: .seq2seq), Case(task: .multi, model: .bert4rec),
    Case(task: .tag, target: "event-type", model: .bert4rec),
    Case(task: .tag, target: "event-label>=3", model: .lstm),
  ]

  let folder: TemporaryFolder
  let settings: TrainingSettings
  let trainer: Trainer
  /// The log, users one after another in the order of time.
  let rows: [Row]
  private var fileCount = 0

  /// - Parameter splitBy: Nil for the usual split of the task.
  init(_ test: Case, splitBy: SplitChoice? = nil) throws {
    folder = try TemporaryFolder()
    rows = Self.makeRows()
    var settings = TrainingSettings(
      task: test.task, model: .network(test.model), target: test.rule)
    settings.pooling = test.pooling
    if let splitBy { settings.splitBy = splitBy }
    settings.data = try Self.write(rows, to: folder, "log.csv")
    let users = (0..<70).map { user in
      "u\(user),\(["free", "gold", "team"][user % 3]),\(10 + user % 9),\(user % 2)\n"
    }
    let table = Array(("user_id,plan,days,ended\n" + users.joined()).utf8)
    let path = try folder.write(table, to: "users.csv")
    if test.target.hasPrefix("user:") { settings.users = path }
    settings.tasks = TaskList("next-item,next-type*0.5,next:price,return")!
    if test.task != .nextItem { settings.eventFeatures = [FeatureRequest("price:log")] }
    settings.horizon = 30 * 86_400
    (settings.maxLength, settings[.hiddenSize], settings[.window]) = (6, 24, 3)
    (settings[.recurrentSizes], settings[.denseSize], settings.bins) = ([16], 8, 5)
    (settings.batchSize, settings.epochs, settings.seed) = (8, 1, 3)
    self.settings = settings
    trainer = try Trainer(settings, dataset: try settings.loadDataset(), on: .reference())
    _ = try trainer.train(
      in: try RunDirectory.create(at: folder.file("run")),
      progress: ProgressReport(style: .silent))
  }

  /// Views, carts and purchases over a hundred days; the last of each user at the latest a third before
  /// the end for every other one.
  private static func makeRows() -> [Row] {
    var numbers = TestNumbers(seed: 11)
    var rows: [Row] = []
    for user in 0..<70 {
      var hour = Int(numbers.indices(1, below: 300)[0])
      let end = user % 2 == 0 ? 2_400 : 1_500
      while hour < end {
        let item = Int(numbers.indices(1, below: 20)[0])
        rows.append(
          Row(
            user: "u\(user)", item: "i\(item)", type: ["view", "cart", "buy"][(item + user) % 3],
            rating: 1 + (item * 3 + user) % 5, price: item % 7 + 1,
            time: 1_700_000_000 + hour * 3_600))
        hour += 20 + Int(numbers.indices(1, below: 200)[0])
      }
    }
    return rows
  }

  /// The columns beside user and item.
  static let columns = ["event", "timestamp", "rating", "price"]

  static func write(
    _ rows: [Row], to folder: TemporaryFolder, _ name: String, without left: String? = nil
  ) throws -> String {
    let kept = columns.filter { $0 != left }
    let lines = rows.map { row in
      let all = ["event": row.type, "timestamp": "\(row.time)", "price": "\(row.price)"]
      let cells = kept.map { all[$0] ?? (row.rating > 0 ? "\(row.rating)" : "") }
      return ([row.user, row.item] + cells).joined(separator: ",") + "\n"
    }
    let header = (["user_id", "item_id"] + kept).joined(separator: ",") + "\n"
    return try folder.write(Array((header + lines.joined()).utf8), to: name)
  }

  /// The run, opened for a log.
  func run(
    on rows: [Row], without column: String? = nil,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> TrainedRun {
    let layout = try RunLayout.existing(at: folder.file("run"))
    fileCount += 1
    var settings = try layout.settings()
    settings.data = try Self.write(rows, to: folder, "new\(fileCount).csv", without: column)
    change(&settings)
    return try TrainedRun(layout, settings: settings)
  }

  /// What the model says of a log: the records of each user as lines of CSV, by user.
  func lines(
    of rows: [Row], at moment: Int64? = nil, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> [String: [String]] {
    let run = try run(on: rows, change)
    let data = try run.loadDataset(at: moment)
    let records = PredictionRecords(run, of: data)
    var found: [String: [String]] = [:]
    try TrainedModel(run, data, on: .reference()).predict { row in
      found[data.dataset.users[row.user], default: []] += records.records(of: row).map {
        PredictionFormat.jsonl.line(of: $0)
      }
    }
    return found
  }

  /// What the heads say of a log, by user.
  func heads(of rows: [Row], at moment: Int64? = nil) throws -> [String: [[Prediction]]] {
    let run = try run(on: rows)
    let data = try run.loadDataset(at: moment)
    var found: [String: [[Prediction]]] = [:]
    try TrainedModel(run, data, on: .reference()).predict {
      found[data.dataset.users[$0.user], default: []].append($0.heads)
    }
    return found
  }

  /// The rows of some users.
  func rows(of users: Set<String>) -> [Row] { rows.filter { users.contains($0.user) } }
}
