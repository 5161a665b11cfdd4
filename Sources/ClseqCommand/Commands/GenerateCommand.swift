import ArgumentParser
import Clseq
import Foundation

/// Writes a made-up log of events.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Write a made-up shop's log of events.",
    discussion: """
      Users with hidden tastes meet items one after another (a Markov chain over items and \
      categories); the log is a RecBole .inter file. The same numbers give the same bytes.
      """)

  @Argument(help: "The file to write, which must not exist; without it, standard output.")
  var output: String?
  @Option(help: "Users.") var users = ShopLog.demo.userCount
  @Option(help: "Items.") var items = ShopLog.demo.itemCount
  @Option(help: "Fewest events of a user.") var minEvents = ShopLog.demo.eventsPerUser.lowerBound
  @Option(help: "Most events of a user.") var maxEvents = ShopLog.demo.eventsPerUser.upperBound
  @Option(help: "Seed of every random number.") var seed = ShopLog.demo.seed

  func run() throws {
    guard minEvents <= maxEvents else {
      throw SettingsError.doNotFit(
        "--min-events (\(minEvents)) must not be above --max-events (\(maxEvents))")
    }
    let log = try ShopLog(
      users: users, items: items, eventsPerUser: minEvents...maxEvents, seed: seed)
    guard let output else { return try log.write(into: Console.write) }
    guard !FileManager.default.fileExists(atPath: output) else {
      throw FileError(.create, output, reason: "it exists; choose another name or remove it")
    }
    try log.write(to: output)
  }
}
