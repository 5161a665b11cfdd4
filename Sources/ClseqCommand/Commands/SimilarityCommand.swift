import ArgumentParser
import Clseq
import Foundation

/// Matches the events of two users in their order.
struct SimilarityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similarity", abstract: "Match the events of two users in their order.",
    discussion: """
      Dynamic time warping goes through the events of both users side by side, so that the matched items are as near \
      to each other as they can be. The distance of two items is 1 minus the cosine of their vectors: 0 for the \
      same item. The mean over the matched events is the distance of the users. No device is needed.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"), completion: .directory)
  var directory: String
  @Argument(help: "The log or the dataset (default: that of the run).", completion: .file())
  var input: String?
  @Option(help: ArgumentHelp("The two users, separated by a comma.", valueName: "id,id"))
  var users: String
  @Option(help: ArgumentHelp("The maximum number of last events of each user.", valueName: "count"))
  var events = 100
  @Option(
    help: ArgumentHelp(
      "How many events of the shorter history matched events may be apart (default: any number).",
      valueName: "count"))
  var band: Int?
  @OptionGroup var question: QuestionOptions
  @OptionGroup(title: "Settings") var options: SettingOptions<SimilaritySettings>

  private var ids: [String] {
    users.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  func validate() throws {
    guard ids.count == 2 else {
      throw ValidationError("--users is '\(users)', and must be two ids: --users 12,7")
    }
    guard (1...10_000).contains(events) else {
      throw ValidationError("--events is \(events), and must be from 1 to 10000")
    }
    guard band ?? 0 >= 0 else {
      throw ValidationError("--band is \(band ?? 0), and must be at least 0")
    }
  }

  func run() throws {
    let layout = try RunLayout.existing(at: directory)
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .use(of: layout, data: input, options: options.values)
    let run = try TrainedRun(layout, settings: settings.training, given: settings.given)
    let data = try settings.readDataset(for: run, question)
    let result = try SequenceSimilarity(
      of: (ids[0], ids[1]), in: data, by: run, eventCount: events, band: band,
      titles: try KnownTitles.of(run, settings))
    try Console.show(WithReading(result, data.dataset.source), as: settings.format) {
      Self.text(of: result)
    }
  }

  /// The distance, then a line for each pair of matched events.
  static func text(of result: SequenceSimilarity) -> String {
    var table = TextTable(
      header: ["event", "of \(result.users[0])", "event", "of \(result.users[1])", "distance"],
      alignment: [.right, .left, .right, .left, .right])
    for match in result.path {
      table.append([
        "\(match.first.number)", name(match.first), "\(match.second.number)", name(match.second),
        fixed(match.distance),
      ])
    }
    return "distance  \(fixed(result.distance))\n\n" + table.text
  }

  private static func name(_ event: SequenceSimilarity.Event) -> String {
    guard let item = event.item else { return "unknown" }
    return event.title.map { "\(item) \($0)" } ?? item
  }

  private static func fixed(_ number: Double) -> String { NumberText.fixed(number, digits: 4) }
}
