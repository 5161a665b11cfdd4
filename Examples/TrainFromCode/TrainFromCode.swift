import Clseq
import Foundation

/// Trains two models on a log, scores and compares them, writes a report and recommends items.
///
///     swift run -c release TrainFromCode FOLDER [LOG]
///
/// The folder is new: each run makes a directory in it.
@main
struct TrainFromCode {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 1 else {
      print("usage: TrainFromCode FOLDER [LOG]")
      return
    }
    let folder = arguments[1]
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    var log = "\(folder)/log.inter"
    if arguments.count > 2 {
      log = arguments[2]
    } else {
      try ShopLog(users: 500, items: 200, eventsPerUser: 5...30, seed: 7).write(to: log)
    }

    let runs = try [ModelKind.transformer, .gru].map { kind in
      try train(kind, on: log, in: "\(folder)/\(kind.name)")
    }
    let scored = try runs.map { try ScoredPart(open($0), at: $0.path, .test) }

    // Figures with their 95 % intervals.
    let summary = EvaluationSummary(
      run: runs[0].path, split: "test", cases: scored[0].cases, passport: scored[0].passport,
      seed: 1)
    for name in summary.scoreNames {
      print(name, summary.scores[name] ?? .nan, summary.intervals[name] ?? [])
    }
    for row in try RunComparison(scored[0], scored[1], seed: 1).rows where row.metric == "NDCG@10" {
      print("transformer minus gru: \(row.difference), between \(row.interval)")
    }

    let report = try RunReport(runs[0], runs[0].settings(), .test) { try open(runs[0]) }
    let page = ReportPage(report).html
    try page.write(toFile: "\(folder)/report.html", atomically: true, encoding: .utf8)

    let settings = try runs[0].settings()
    let run = try TrainedRun(runs[0], settings: settings)
    let model = try run.predictor(for: try run.loadDataset(), on: { try settings.openBackend() })
    try model.predict(RankingRequest(count: 3), progress: nil) { row in
      if row.user == 0 { print("first user:", row.items.map { run.vocabulary[Int($0.item)] }) }
    }
  }

  /// Trains a model and keeps it as a run, which the command line can use too.
  static func train(_ kind: ModelKind, on log: String, in path: String) throws -> RunLayout {
    var settings = TrainingSettings(task: .nextItem, model: .network(kind))
    settings[.hiddenSize] = 32
    settings.data = log
    settings.maxLength = 30
    settings.batchSize = 32
    settings.epochs = 10
    let trainer = try Trainer(
      settings, dataset: settings.loadDataset(), on: settings.openBackend())
    let run = try RunDirectory.create(at: path)
    let summary = try trainer.train(in: run, progress: ProgressReport(style: .lines))
    print("\(kind.name): best epoch \(summary.bestEpoch) of \(summary.epochs)")
    return run.layout
  }

  /// Opens a run to be scored on its own log.
  static func open(_ run: RunLayout) throws -> ScoredRun {
    let settings = try run.settings()
    return try ScoredRun(
      run, settings, dataset: settings.loadDataset(), on: { try settings.openBackend() })
  }
}
