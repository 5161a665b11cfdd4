import ArgumentParser
import Clseq
import Foundation

/// Turns a log into a dataset.
struct PrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare", abstract: "Clean a log, order it, and write it as a dataset.",
    discussion: """
      The dataset is a folder that train, evaluate and inspect take in place of a log and map \
      without reading it again. Rules apply in the order of the options below; the minima of users \
      and items are repeated until all that are left have enough events.

      Numbers of events are kept as the log has them, with the statistics by which models bring \
      them to scale: standardize (by mean and deviation), min-max, log or none.

      With --extend the result is a dataset with the events of another one and those of the log, by \
      the rules of that dataset. The log holds new events or all: those that the dataset has are left \
      out and counted. Users and items keep their order.
      """)

  @Argument(help: "The log.", completion: .file()) var log: String
  @Option(
    name: [.short, .long], help: "The dataset to make; nothing may be there yet.",
    completion: .directory)
  var output: String
  @Option(
    help: ArgumentHelp(
      "A dataset to extend by the log, with its rules and statistics.", valueName: "dataset"),
    completion: .directory)
  var extend: String?
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
  @Flag(
    help: "Keep users of one or two events, for tasks that label users; ranking needs three.")
  var keepShortUsers = false
  @Option(help: "Make items with fewer events the one unknown item, and keep their events.")
  var rareItemEvents = 0
  @Option(
    help: ArgumentHelp(
      "A column of numbers; may be repeated (default: those recognised).",
      valueName: "column[:scaling]"))
  var feature: [String] = []
  @Option(
    help: ArgumentHelp(
      "A column of times to take as a number; may be repeated.",
      valueName: "column[:scaling]"))
  var timeFeature: [String] = []
  @Option(
    help: ArgumentHelp(
      "A number to derive: duration, gap, hour or weekday; may be repeated.",
      valueName: "name[:scaling]"))
  var derive: [String] = []
  @Option(
    help: ArgumentHelp(
      "The share of each feature's numbers that is clipped, at either end.", valueName: "share"))
  var clip = 0.0
  @Option(
    help: ArgumentHelp(
      "Take features and their statistics from another dataset.", valueName: "dataset"),
    completion: .directory)
  var featuresOf: String?
  @OptionGroup(title: "Reading") var options: SettingOptions<ReadingSettings>

  func validate() throws {
    for (name, value, least) in [
      ("max-events-per-hour", maxEventsPerHour, 1),
      ("max-user-events", maxUserEvents, SequenceDataset.minimumEventCount),
      ("min-user-events", minUserEvents, 0), ("min-item-events", minItemEvents, 0),
      ("rare-item-events", rareItemEvents, 0),
    ] {
      if let value, value < least {
        throw ValidationError("--\(name) is \(value), and must be at least \(least)")
      }
    }
    guard (0..<0.5).contains(clip) else {
      throw ValidationError("--clip is \(clip), and must be from 0 to below 0.5")
    }
    guard featuresOf == nil || (feature + timeFeature + derive).isEmpty && clip == 0 else {
      throw ValidationError("--features-of brings its own features, scalings and clipping")
    }
    guard extend == nil || hasOwnRules == false else {
      throw ValidationError(
        "--extend takes the rules and features of the dataset: leave out options of cleaning, of features "
          + "and of short users")
    }
  }

  /// Whether rules or features are given.
  private var hasOwnRules: Bool {
    cleaningRules != CleaningRules() || !(feature + timeFeature + derive).isEmpty || clip != 0
      || featuresOf != nil || keepShortUsers
  }

  func run() throws {
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    let progress = ProgressReport(settings)
    let manifest = try manifest(settings, progress)
    progress.end()
    settings.reportReading(of: manifest.source)
    try Console.show(manifest, as: settings.format) {
      Self.text(of: manifest, least: leastUserEvents, at: output)
    }
  }

  private func manifest(
    _ settings: ResolvedSettings, _ progress: ProgressReport
  ) throws -> DatasetManifest {
    let (path, reading) = (try log.asPath, settings.training.readingOptions())
    let attributes = try settings.training.attributeFiles()
    if let extend {
      guard settings.sessionGapMicroseconds == nil else {
        throw SettingsError.doNotFit(
          "--extend takes the sessions of the dataset: leave out --session-gap")
      }
      return try SequenceDataset.extend(
        try extend.asPath, by: path, options: reading, attributes: attributes, to: output,
        version: clseqVersion, progress: progress.handler)
    }
    return try SequenceDataset.prepare(
      path: path, options: reading,
      rules: DatasetRules(
        cleaning: cleaningRules, sessionGap: settings.sessionGapMicroseconds,
        features: try featureRules(), leastUserEvents: leastUserEvents),
      attributes: attributes, to: output, version: clseqVersion, progress: progress.handler)
  }

  private var leastUserEvents: Int { keepShortUsers ? 1 : SequenceDataset.minimumEventCount }

  private var cleaningRules: CleaningRules {
    var rules = CleaningRules()
    rules.droppedTypes = dropEvent
    rules.dropsDuplicates = dropDuplicates
    rules.dropsRepeats = dropRepeats
    rules.maxEventsPerHour = maxEventsPerHour
    rules.maxUserEvents = maxUserEvents
    rules.minUserEvents = minUserEvents
    rules.minItemEvents = minItemEvents
    rules.rareItemEvents = rareItemEvents
    return rules
  }

  private func featureRules() throws -> FeatureRules {
    var rules = FeatureRules()
    rules.clippedShare = clip
    if let featuresOf {
      guard let manifest = try SequenceDataset.manifest(of: featuresOf) else {
        throw DataError.missingFile(path: "\(featuresOf)/dataset.json")
      }
      rules.known = manifest.features
    }
    let requests =
      try feature.map { try Self.request($0) { FeatureRequest(FeatureColumn($0), $1) } }
      + timeFeature.map {
        try Self.request($0) { FeatureRequest(FeatureColumn($0, kind: .time), $1) }
      }
      + derive.map { text in
        try Self.request(text) { name, scaling in
          FeatureRequest.Origin(rawValue: name).flatMap { origin in
            FeatureRequest.Origin.derived.contains(origin)
              ? FeatureRequest(derived: origin, scaling) : nil
          }
        }
      }
    if !requests.isEmpty { rules.requests = requests }
    return rules
  }

  /// Reads `name` or `name:scaling`.
  private static func request(
    _ text: String, _ make: (String, FeatureScaling) -> FeatureRequest?
  ) throws -> FeatureRequest {
    let scaling = FeatureScaling.allCases.first { text.hasSuffix(":\($0.rawValue)") }
    let name = scaling.map { String(text.dropLast($0.rawValue.count + 1)) } ?? text
    guard let request = make(name, scaling ?? .standardize) else {
      let names = FeatureRequest.Origin.derived.map(\.rawValue).joined(separator: ", ")
      let scalings = FeatureScaling.allCases.map(\.rawValue).joined(separator: ", ")
      throw SettingsError.doNotFit(
        "--derive \(text): one of \(names), perhaps with a colon and one of \(scalings)")
    }
    return request
  }

  /// What was read, what each rule dropped, what is left.
  static func text(of manifest: DatasetManifest, least: Int, at path: String) -> String {
    let report = manifest.report
    var table = TextTable(header: ["", "events", "users", "items"])
    table.append([
      "read", "\(report.readEventCount)", "\(report.readUserCount)", "\(report.readItemCount)",
    ])
    if report.skippedRecordCount > 0 {
      table.append(["malformed, passed over", "\(report.skippedRecordCount)", "", ""])
    }
    if report.incompleteRecordCount > 0 {
      table.append(["lacking a value, passed over", "\(report.incompleteRecordCount)", "", ""])
    }
    let shortUsers = manifest.source.reading?.leftOut.last { $0.rule.hasPrefix("users of fewer") }
    for entry in report.entries {
      let rule =
        entry.changedEvents > 0 ? "\(entry.rule) (of \(entry.changedEvents) events)" : entry.rule
      table.append([rule, "\(-entry.events)", "\(-entry.users)", "\(-entry.items)"])
    }
    table.append([
      "users of fewer than \(least)",
      "\(-manifest.source.leftOutEventCount)", "\(-manifest.source.leftOutUserCount)",
      "\(-(shortUsers?.items ?? 0))",
    ])
    table.append([
      "kept", "\(manifest.eventCount)", "\(manifest.userCount)", "\(manifest.itemCount)",
    ])
    return "\(table.text)\ndataset  \(path)\n"
  }
}
