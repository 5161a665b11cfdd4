import ArgumentParser
import Clseq
import Foundation

/// Ranks items after a history from the command line.
struct RecommendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommend", abstract: "Rank items after a history of item ids.",
    discussion: """
      Titles are shown where a table of items with a column title, name, 标题 or 名称 is known. An empty \
      history gives the items with the most training events.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"), completion: .directory)
  var directory: String
  @Option(
    help: ArgumentHelp("Ids of items in the order of time: 12,7,90.", valueName: "id,…"))
  var history = ""
  @Option(
    help: ArgumentHelp(
      "The type of each event, for a model that knows types: view,view,buy.", valueName: "type,…"))
  var types = ""
  @Flag(help: "Accept that inputs of the model which a list of ids lacks are missing.")
  var allowMissingColumns = false
  @OptionGroup var ranking: RankingOptions
  @Option(help: ArgumentHelp("The only items that are ranked.", valueName: "id,…"))
  var allow: String?
  @Option(help: ArgumentHelp("Items that are not ranked.", valueName: "id,…"))
  var deny: String?
  @OptionGroup(title: "Settings") var options: SettingOptions<RecommendationSettings>

  func run() throws {
    let layout = try RunLayout.existing(at: directory)
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .use(of: layout, options: options.values)
    let run = try TrainedRun(layout, settings: settings.training, given: settings.given)
    Console.warnOfIdleOptions(settings)
    if settings.given.contains("item_column"), settings.items.isEmpty {
      Console.warn("--item-column has no effect: it is for the table of --items", settings)
    }
    let request = ranking.request(
      allowed: allow.map { run.items(named: Self.names($0)) },
      denied: deny.map { run.items(named: Self.names($0)) }, settings)
    let recommendation = try Recommendation(
      after: Self.names(history), types: Self.names(types), by: run, request,
      titles: KnownTitles.of(run, settings), allowsMissingColumns: allowMissingColumns,
      on: { try settings.openBackendAndReport() })
    Self.warn(of: recommendation, run, settings)
    try Console.show(recommendation, as: settings.format) { Self.text(of: recommendation) }
  }

  private static func names(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  private static func warn(
    of recommendation: Recommendation, _ run: TrainedRun, _ settings: ResolvedSettings
  ) {
    for item in recommendation.unknown {
      let nearest = run.nearestItem(to: item).map { "; did you mean '\($0)'?" } ?? ""
      Console.warn("item '\(item)' is not known to the model\(nearest)", settings)
    }
    if !recommendation.missing.isEmpty {
      Console.warn(
        "taken for missing: \(recommendation.missing.joined(separator: ", ")), and the model was "
          + "trained with them", settings)
    }
    if recommendation.basis == .popularity {
      Console.warn(
        "the history has no known item: items by the number of their training events", settings)
    }
  }

  /// A line an item.
  static func text(of recommendation: Recommendation) -> String {
    let hasTitles = recommendation.items.contains { $0.title != nil }
    let isModel = recommendation.basis == .model
    var table = TextTable(
      header: ["rank", "item"] + (hasTitles ? ["title"] : []) + [isModel ? "score" : "events"],
      alignment: [.right, .left] + (hasTitles ? [.left] : []) + [.right])
    for entry in recommendation.items {
      let score =
        isModel
        ? NumberText.fixed(Double(entry.score), digits: 4) : "\(Int(entry.score))"
      table.append(
        ["\(entry.rank)", entry.item] + (hasTitles ? [entry.title ?? ""] : []) + [score])
    }
    return table.text
  }
}
