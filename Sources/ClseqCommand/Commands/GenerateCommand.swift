import ArgumentParser
import Clseq
import Foundation

/// Writes a made-up log of events.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Write a made-up shop's log of events.",
    discussion: """
      Users with hidden tastes meet items one after another (a Markov chain over items and \
      categories). The same numbers give the same bytes. --days, --seasons, --churners and \
      --anomalies give the log an end; the numbers of events of a user are then what is expected.
      """)

  /// The names of the columns of CSV.
  enum Headers: String, CaseIterable, ExpressibleByArgument { case english, chinese }
  /// What is written.
  enum Format: String, CaseIterable, ExpressibleByArgument { case inter, csv }

  @Argument(
    help: "The file to write, which must not exist; without it, standard output.",
    completion: .file())
  var output: String?
  @Option(help: "Users.") var users = ShopLog.demo.userCount
  @Option(help: "Items.") var items = ShopLog.demo.itemCount
  @Option(help: "Fewest events of a user.") var minEvents = ShopLog.demo.eventsPerUser.lowerBound
  @Option(help: "Maximum number of events per user.") var maxEvents = ShopLog.demo.eventsPerUser
    .upperBound
  @Option(help: "Seed of every random number.") var seed = ShopLog.demo.seed
  @Flag(help: "Event types follow from the event before: a Markov chain in each category of items.")
  var typed = false
  @Option(help: "The days from the log's first to its end, 366 where an option needs an end.")
  var days: Int?
  @Flag(help: "Activity by weekday, month and hour, taste by the quarter.") var seasons = false
  @Option(help: ArgumentHelp("The share of users who stop for good.", valueName: "share"))
  var churners = 0.0
  @Option(
    help: ArgumentHelp(
      "The share of users who are bots, repeaters or taken over.", valueName: "share"))
  var anomalies = 0.0
  @Option(
    help: ArgumentHelp(
      "Also write each user's taste and, of a log with an end, who stopped when and who is anomalous, as RecBole "
        + ".user.", valueName: "file"),
    completion: .file())
  var labels: String?
  @Option(help: "What to write.") var dataFormat = Format.inter
  @Option(help: "The names of the columns, with --data-format csv.") var headers: Headers?

  @OptionGroup(title: "Settings") var options: SettingOptions<DiagnosticSettings>

  func validate() throws {
    guard minEvents <= maxEvents else {
      throw ValidationError(
        "--min-events (\(minEvents)) must not be above --max-events (\(maxEvents))")
    }
    if headers != nil && dataFormat != .csv {
      throw ValidationError("--headers needs --data-format csv: RecBole's names are fixed")
    }
  }

  func run() throws {
    var traits = ShopTraits()
    traits.dayCount = days
    traits.hasSeasons = seasons
    traits.churnerShare = churners
    traits.anomalyShare = anomalies
    traits.hasTypedEvents = typed
    let log = try ShopLog(
      users: users, items: items, eventsPerUser: minEvents...maxEvents, seed: seed, traits: traits)
    for path in [output, labels].compactMap({ $0 }) { try WholeFile.requireAbsent(path) }
    if let labels { try log.writeLabels(to: labels) }
    guard let output else { return try log.write(as: textFormat, into: Console.write) }
    try log.write(to: output, as: textFormat)
  }

  private var textFormat: ShopLog.TextFormat {
    switch (dataFormat, headers) {
    case (.inter, _): .inter
    case (.csv, .chinese?): .chineseCSV
    case (.csv, _): .csv
    }
  }
}
