import ArgumentParser
import Clseq
import Foundation

/// Shows what of a user's history a prediction goes back to.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Show what of a user's history a prediction goes back to.",
    discussion: """
      Two views of each of the last events: the attention weight that the last event gives it (mean of \
      the heads of the last block), where the model is a transformer or lstm-attention; and how the \
      predicted score changes when the event is left out of the history, which holds for every model. \
      A negative change means that the event speaks for the prediction.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"), completion: .directory)
  var directory: String
  @Argument(help: "The log or the dataset (default: that of the run).", completion: .file())
  var input: String?
  @Option(help: ArgumentHelp("The user.", valueName: "token")) var user: String
  @Option(help: "Number of last events to show.") var events = 20
  @OptionGroup var question: QuestionOptions
  @OptionGroup var ranking: RankingOptions
  @Option(
    help: ArgumentHelp("Also draw the events into a new SVG file.", valueName: "file"),
    completion: .file())
  var plot: String?
  @OptionGroup(title: "Settings") var options: SettingOptions<ExplanationSettings>

  func validate() throws {
    guard events >= 1 else {
      throw ValidationError("--events is \(events), and must be at least 1")
    }
  }

  func run() throws {
    let layout = try RunLayout.existing(at: directory)
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .use(of: layout, data: input, options: options.values)
    if let plot { try WholeFile.requireAbsent(plot) }
    let run = try TrainedRun(layout, settings: settings.training, given: settings.given)
    ranking.warnWhereIdle([], settings)
    Console.warnOfIdleOptions(settings)
    Console.warnOfIdleUsers(run, withTruth: false, settings)
    let data = try settings.readDataset(for: run, question)
    let dataset = data.dataset
    guard let index = dataset.users.index(of: user) else {
      throw DataError.unknownToken(
        path: dataset.source.name, token: user,
        expected: "a user with an event of an item that the model knows")
    }
    let progress = ProgressReport(settings)
    let explanation = try Explanation(
      of: Int(index), in: data, by: run, eventCount: events,
      ranking.request(allowed: nil, denied: nil, settings), progress: progress.handler,
      on: settings.openBackendAndReport())
    progress.end()
    let report = ExplanationReport(
      explanation, of: data, by: run, titles: try KnownTitles.of(run, settings))
    if let plot {
      let file = try WholeFile(plot, whereTaken: .isRefused)
      try file.append(EventPlot(report).svg)
      try file.finish()
    }
    try Console.show(WithReading(report, dataset.source), as: settings.format) {
      Self.text(of: report)
    }
  }

  /// What is predicted, then an event a line, the last one last.
  static func text(of report: ExplanationReport) -> String {
    let count = report.events.count
    let shown = report.eventCount == count ? "" : ", the last \(count) of them shown"
    return """
      user \(report.user), \(counted(report.eventCount, "event"))\(shown)

      \(prediction(report))
      \(events(report))
      change: of the \(report.scoreName), \(fixed(report.score)), without the event

      """
  }

  /// The items of a ranking, a line each; else a field a line.
  private static func prediction(_ report: ExplanationReport) -> String {
    let names = (report.prediction.first ?? []).compactMap { $0.name == "user" ? nil : $0.name }
    guard names.contains("rank") else {
      var table = TextTable(header: ["predicted", ""])
      for field in (report.prediction.first ?? []) where field.name != "user" {
        for (name, text) in texts(of: field) { table.append([name, text]) }
      }
      return table.text
    }
    var table = TextTable(header: ["rank", "item", "score"], alignment: [.right, .left, .right])
    for record in report.prediction {
      let cells = record.flatMap(texts(of:)).filter {
        ["rank", "item", "score"].contains($0.name)
      }
      table.append(cells.map(\.text))
    }
    return table.text
  }

  private static func texts(of field: PredictionField) -> [(name: String, text: String)] {
    switch field.value {
    case .text(let text): [(field.name, text)]
    case .integer(let number): [(field.name, "\(number)")]
    case .number(let number): [(field.name, fixed(number))]
    case .named(let names, let values):
      zip(names, values).map { ("\(field.name) of \($0)", fixed($1)) }
    case .vector, .survival, nil: []
    }
  }

  private static func events(_ report: ExplanationReport) -> String {
    let all = report.events
    var columns: [(name: String, text: (ExplanationReport.Event) -> String?)] = [
      ("item", { $0.item ?? "unknown" })
    ]
    let further: [(String, (ExplanationReport.Event) -> String?)] = [
      ("title", \.title), ("type", \.type), ("time", \.time),
    ]
    columns += further.filter { column in all.contains { column.1($0) != nil } }
      .map { (name: $0.0, text: $0.1) }
    let textCount = columns.count
    if all.contains(where: { $0.weight != nil }) {
      columns.append(("attention", { $0.weight.map(fixed) }))
    }
    columns.append(("change", { $0.change.map(fixed) }))
    var table = TextTable(
      header: columns.map(\.name),
      alignment: columns.indices.map { $0 < textCount ? .left : .right })
    for event in all { table.append(columns.map { $0.text(event) ?? "" }) }
    return table.text
  }

  private static func fixed(_ number: Double) -> String {
    NumberText.fixed(number, digits: 4)
  }
}
