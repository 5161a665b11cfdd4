import ArgumentParser
import Clseq
import Foundation

/// Turns a log into a dataset.
struct PrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare", abstract: "Clean a log, order it, and write it as a dataset.",
    discussion: """
      The dataset is a folder that train, evaluate and inspect take in place of a log and map \
      without reading it again. Rules apply in the order of the options below; the last two are \
      repeated until every user and item that is left has enough events.
      """)

  @Argument(help: "The log.") var log: String
  @Option(name: [.short, .long], help: "The dataset to make; nothing may be there yet.")
  var output: String
  @Option(help: ArgumentHelp("An event type to drop; may be repeated.", valueName: "type"))
  var dropEvent: [String] = []
  @Flag(help: "Drop an event that equals the one before it in user, item, type and time.")
  var dropDuplicates = false
  @Flag(help: "Drop an event with the item of the user's event before it.")
  var dropRepeats = false
  @Option(help: "Drop users with more events than this within any hour, as bots.")
  var maxEventsPerHour: Int?
  @Option(help: "Keep this many latest events of a user.") var maxUserEvents: Int?
  @Option(help: "Drop users with fewer events.") var minUserEvents = 0
  @Option(help: "Drop items with fewer events.") var minItemEvents = 0
  @OptionGroup(title: "Reading") var options: SettingOptions<ReadingSettings>

  func validate() throws {
    for (name, value, least) in [
      ("max-events-per-hour", maxEventsPerHour, 1),
      ("max-user-events", maxUserEvents, SequenceDataset.minimumEventCount),
      ("min-user-events", minUserEvents, 0), ("min-item-events", minItemEvents, 0),
    ] {
      if let value, value < least {
        throw ValidationError("--\(name) is \(value), and must be at least \(least)")
      }
    }
  }

  func run() throws {
    var rules = CleaningRules()
    rules.droppedTypes = dropEvent
    rules.dropsDuplicates = dropDuplicates
    rules.dropsRepeats = dropRepeats
    rules.maxEventsPerHour = maxEventsPerHour
    rules.maxUserEvents = maxUserEvents
    rules.minUserEvents = minUserEvents
    rules.minItemEvents = minItemEvents
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    let manifest = try SequenceDataset.prepare(
      path: log, options: try settings.readingOptions(), rules: rules, to: output,
      version: clseqVersion)
    try Console.show(manifest, as: settings.format) { Self.text(of: manifest, at: output) }
  }

  /// What was read, what each rule dropped, what is left.
  static func text(of manifest: DatasetManifest, at path: String) -> String {
    let report = manifest.report
    var table = TextTable(header: ["", "events", "users", "items"])
    table.append([
      "read", "\(report.readEventCount)", "\(report.readUserCount)", "\(report.readItemCount)",
    ])
    if report.skippedRecordCount > 0 {
      table.append(["malformed, passed over", "\(report.skippedRecordCount)", "", ""])
    }
    for entry in report.entries {
      table.append([entry.rule, "\(-entry.events)", "\(-entry.users)", "\(-entry.items)"])
    }
    table.append([
      "users of fewer than \(SequenceDataset.minimumEventCount)",
      "\(-manifest.source.leftOutEventCount)", "\(-manifest.source.leftOutUserCount)", "0",
    ])
    table.append([
      "kept", "\(manifest.eventCount)", "\(manifest.userCount)", "\(manifest.itemCount)",
    ])
    return "\(table.text)\ndataset  \(path)\n"
  }
}
