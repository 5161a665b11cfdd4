public import ArgumentParser
public import Clseq
import Foundation

/// Shows the users, or items, that are most like one of them.
struct NeighboursCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "neighbours", abstract: "Show the users, or items, that are most like one.",
    discussion: """
      They are compared by their vectors, as 'clseq embed' writes them, all of them one after another: the \
      result is exact. For an item no log is needed. Titles are shown where a table of items with a column title, \
      name, 标题 or 名称 is known.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"), completion: .directory)
  var directory: String
  @Argument(
    help: "The log or the dataset of the users (default: that of the run).", completion: .file())
  var input: String?
  @Option(help: ArgumentHelp("The user.", valueName: "id")) var user: String?
  @Option(help: ArgumentHelp("The item.", valueName: "id")) var item: String?
  @Option(help: ArgumentHelp("How many are shown.", valueName: "count")) var top = 10
  @Option(
    help: ArgumentHelp(
      "How near two vectors are: the cosine of their angle, or their product.",
      valueName: NearestVectors.Similarity.allCases.map(\.rawValue).joined(separator: "|")))
  var measure = NearestVectors.Similarity.cosine
  @Option(
    help: ArgumentHelp(
      "The vector of a user: the state from which the model predicts (the default), the mean of all states, or the "
        + "code of a model that compresses sequences (its default).",
      valueName: VectorRequest.Reduction.allCases.map(\.rawValue).joined(separator: "|")))
  var vector: VectorRequest.Reduction?
  @OptionGroup var question: QuestionOptions
  @OptionGroup(title: "Settings") var options: SettingOptions<ExplanationSettings>

  func validate() throws {
    guard (user == nil) != (item == nil) else {
      throw ValidationError("whose neighbours? Give either --user ID or --item ID")
    }
    guard top >= 1 else { throw ValidationError("--top is \(top), and must be at least 1") }
    guard item == nil || (vector ?? .last) == .last else {
      throw ValidationError("--vector is of users, and items have one vector each: leave it out")
    }
  }

  func run() throws {
    let layout = try RunLayout.existing(at: directory)
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .use(of: layout, data: input, options: options.values)
    let run = try TrainedRun(layout, settings: settings.training, given: settings.given)
    Console.warnOfIdleOptions(settings)
    if let item {
      if let input { Console.warn("\(input) is not read: items need no log", settings) }
      let result = try Neighbours(
        ofItem: item, by: run, count: top, measure, titles: try KnownTitles.of(run, settings))
      return try Console.show(result, as: settings.format) { Self.text(of: result) }
    }
    Console.warnOfIdleUsers(run, withTruth: false, settings)
    let data = try settings.readDataset(for: run, question)
    let model = try TrainedModel(run, data, on: try settings.openBackendAndReport())
    let progress = ProgressReport(settings)
    let result = try Neighbours(
      ofUser: user ?? "", by: model, count: top, measure, reducedTo: vector,
      progress: progress.handler)
    progress.end()
    try Console.show(WithReading(result, data.dataset.source), as: settings.format) {
      Self.text(of: result)
    }
  }

  /// A line a neighbour.
  static func text(of result: Neighbours) -> String {
    let all = result.neighbours
    let hasTitles = all.contains { $0.title != nil }
    let hasEvents = all.contains { $0.events != nil }
    var table = TextTable(
      header: ["rank", hasEvents ? "user" : "item"] + (hasTitles ? ["title"] : [])
        + (hasEvents ? ["events"] : []) + [result.measure],
      alignment: [.right, .left] + (hasTitles ? [.left] : []) + (hasEvents ? [.right] : []) + [
        .right
      ])
    for entry in all {
      table.append(
        ["\(entry.rank)", entry.id] + (hasTitles ? [entry.title ?? ""] : [])
          + (entry.events.map { ["\($0)"] } ?? [])
          + [NumberText.fixed(entry.similarity, digits: 4)])
    }
    return (result.title.map { "of \(result.id), \($0)\n\n" } ?? "") + table.text
  }
}

extension NearestVectors.Similarity: ExpressibleByArgument {}
