public import ArgumentParser
public import Clseq
import Foundation

/// Scores sequences of events by how unusual they are to a run.
struct AnomalyCommand: ParsableCommand {
  /// What is scored.
  enum Subject: String, CaseIterable, ExpressibleByArgument {
    case users, sessions, windows
  }

  static let configuration = CommandConfiguration(
    commandName: "anomaly",
    abstract: "Show the users, sessions or windows of events that are most unusual to a run.",
    discussion: """
      The score of a sequence is the mean negative log-likelihood of its events, each given those before it, or with \
      --score distance how far its vector is from those of the training sequences. Scores above the threshold, a \
      quantile of those of the run's own training sequences, are flagged. The events that a score comes from are named, \
      and so are plain patterns: repeated items, cycles, regular or fast events. --output writes all sequences, --labels \
      tells how well the scores find known anomalies.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"), completion: .directory)
  var directory: String
  @Argument(help: "The log or the dataset (default: that of the run).", completion: .file())
  var input: String?
  @Option(
    name: .customLong("of"),
    help: ArgumentHelp(
      "What is scored.", valueName: Subject.allCases.map(\.rawValue).joined(separator: "|")))
  var subject = Subject.users
  @OptionGroup var windows: WindowOptions
  @Option(
    name: .customLong("score"),
    help: ArgumentHelp(
      "How unlikely the events are, or how far the vector is from others (default: likelihood of a run that ranks items).",
      valueName: AnomalyRequest.Measure.allCases.map(\.rawValue).joined(separator: "|")))
  var measure: AnomalyRequest.Measure?
  @Option(
    help: ArgumentHelp(
      "The mean of all events, the largest mean of --span events, or how much --span events contradict those before (default: mean).",
      valueName: AnomalyRequest.Aggregate.allCases.map(\.rawValue).joined(separator: "|")))
  var aggregate: AnomalyRequest.Aggregate?
  @Option(
    help: ArgumentHelp(
      "Events of --aggregate max (default: 10) and change (20).", valueName: "count"))
  var span: Int?
  @Option(
    help: ArgumentHelp(
      "The vector of --score distance (default: mean, or the code of a model that compresses sequences).",
      valueName: VectorRequest.Reduction.allCases.map(\.rawValue).joined(separator: "|")))
  var vector: VectorRequest.Reduction?
  @Option(
    help: ArgumentHelp(
      "The share of training sequences that is not above the threshold.", valueName: "share"))
  var quantile = 0.99
  @Option(help: ArgumentHelp("Events that are named for each sequence.", valueName: "count"))
  var events = 3
  @Option(help: ArgumentHelp("Sequences that are shown.", valueName: "count"))
  var top = 20
  @Option(
    help: ArgumentHelp(
      "Known labels of users or sequences, to check the scores: .csv, .tsv, .jsonl or RecBole's .user.",
      valueName: "file"),
    completion: .file())
  var labels: String?
  @Option(
    help: ArgumentHelp(
      "The column of the labels (default: anomaly, kind or label, or the only one).",
      valueName: "name"))
  var kindColumn: String?
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A new file with all sequences: .csv, .tsv or .jsonl.", valueName: "file"),
    completion: .file())
  var output: String?
  @OptionGroup var question: QuestionOptions
  @OptionGroup(title: "Settings") var options: SettingOptions<ExplanationSettings>

  func validate() throws {
    try windows.check(isUsed: subject == .windows)
    let leastSpan = aggregate == .change ? AnomalyRequest.leastChangeSpan : 1
    for (name, value, least) in [
      ("span", span ?? leastSpan, leastSpan), ("events", events, 0), ("top", top, 0),
    ] {
      guard value >= least else {
        throw ValidationError("--\(name) is \(value), and must be at least \(least)")
      }
    }
    guard AnomalyRequest.quantiles.contains(quantile) else {
      throw ValidationError("--quantile is \(quantile), and must be from 0.5 to 1")
    }
    guard span == nil || aggregate == .max || aggregate == .change else {
      throw ValidationError("--span is of --aggregate max or change: add one, or leave --span out")
    }
    guard kindColumn == nil || labels != nil else {
      throw ValidationError("--kind-column is of --labels FILE: add it, or leave it out")
    }
    guard output.map({ !WholeFile.isStandardOutput($0) }) ?? true else {
      throw ValidationError(
        "--output is a file, since standard output holds the table: name one, as scores.csv")
    }
  }

  func run() throws {
    let layout = try RunLayout.existing(at: directory)
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .use(of: layout, data: input, options: options.values)
    let run = try TrainedRun(layout, settings: settings.training, given: settings.given)
    let request = try request(for: run)
    try request.requireScores(of: run)
    let labels = try labels.map {
      try SequenceLabels($0, column: kindColumn, settings.training.readingOptions())
    }
    let file = try output.map { path throws(FileError) in
      try WholeFile(path, whereTaken: .isRefused)
    }
    Console.warnOfIdleOptions(settings)
    Console.warnOfIdleUsers(run, withTruth: false, settings)
    let data = try settings.readDataset(for: run, question, keepsUnknown: true)
    let backend = try settings.openBackendAndReport()
    let progress = ProgressReport(settings)
    let detection = try AnomalyDetection(of: run, request, progress: progress.handler, on: backend)
    let model = try TrainedModel(run, data, on: backend)
    let lines = file.map {
      PredictionLines(format: output.flatMap(PredictionFormat.init(path:)) ?? .csv, file: $0)
    }
    let records = AnomalyRecords(request, hasTimes: data.dataset.times != nil)
    try lines?.begin(records.names)
    let report = try AnomalyReport(
      of: model, data, detection, top: top, labels: labels, seed: settings.seed,
      titles: try KnownTitles.of(run, settings), progress: progress.handler
    ) { try lines?.add([records.record(of: $0)]) }
    progress.end()
    try lines?.finish()
    try backend.context?.profile.map { Console.note(table: try ProfileTable.text($0)) }
    try Console.show(WithReading(report, data.dataset.source), as: settings.format) {
      AnomalyText.text(of: report)
    }
  }

  /// - Throws: `ValidationError` for options of the other measure.
  private func request(for run: TrainedRun) throws -> AnomalyRequest {
    let stretches: VectorRequest.Subject =
      switch subject {
      case .users: .users
      case .sessions: .sessions
      case .windows: windows.subject
      }
    var request = AnomalyRequest(
      stretches, by: measure ?? AnomalyRequest.usualMeasure(of: run))
    let idle =
      request.measure == .likelihood
      ? vector.map { _ in "--vector" } : aggregate.map { _ in "--aggregate" }
    if let idle {
      throw ValidationError(
        "\(idle) is not of --score \(request.measure.rawValue): leave it out, or change --score")
    }
    request.aggregate = aggregate ?? request.aggregate
    request.span = span ?? request.aggregate.usualSpan
    request.reduction = vector
    (request.quantile, request.eventCount) = (quantile, events)
    return request
  }
}

extension AnomalyRequest.Measure: ExpressibleByArgument {}
extension AnomalyRequest.Aggregate: ExpressibleByArgument {}
