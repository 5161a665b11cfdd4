import ArgumentParser
import Clseq
import Foundation

/// Says what is in a log or a dataset.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Describe a log or a dataset: sizes, distributions, leaks.")

  @Argument(help: "The log or the dataset; without it, the built-in log.", completion: .file())
  var data: String?
  @Option(
    help: ArgumentHelp("Also draw the distributions into a new SVG file.", valueName: "file"),
    completion: .file())
  var plot: String?
  @OptionGroup(title: "Settings") var options: SettingOptions<SplittingSettings>

  func run() throws {
    var settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    if let data { settings.data = try data.asPath }
    var needs = EventNeeds()
    needs.types = true
    let dataset = try settings.readDataset(needs: needs)
    let split = try settings.training.split(dataset)
    let statistics = DatasetStatistics(split)
    if settings.format == .text { SplitNotes.show(split, settings) }
    try plot.map { try Self.draw(statistics, dataset.source.name, to: $0) }
    try Console.show(WithReading(statistics, dataset.source), as: settings.format) {
      Self.text(of: statistics, split)
    }
  }

  private static func draw(
    _ statistics: DatasetStatistics, _ name: String, to path: String
  ) throws {
    let file = try WholeFile(path, whereTaken: .isRefused)
    let plot = BarPlot([
      .init(
        title: "\(name): events of a user", bars: statistics.userEvents.bins.map(\.bar)),
      .init(
        title: "\(name): events of an item", bars: statistics.itemEvents.bins.map(\.bar)),
    ])
    try file.append(plot.svg)
    try file.finish()
  }

  /// The statistics as tables and bars.
  static func text(of statistics: DatasetStatistics, _ split: Split) -> String {
    let source = split.dataset.source
    var table = TextTable(header: ["\(source.name)", ""], alignment: [.left, .right])
    for (name, value) in rows(statistics, split) { table.append([name, value]) }
    return """
      \(table.text)
      \(quantiles(statistics))
      \(contents(of: split.dataset))events of a user
      \(BarChart.text(statistics.userEvents.bins.map(\.bar)))
      events of an item
      \(BarChart.text(statistics.itemEvents.bins.map(\.bar)))
      """ + AttributeTables.text(of: statistics)
  }

  private static func rows(
    _ statistics: DatasetStatistics, _ split: Split
  ) -> [(String, String)] {
    let source = split.dataset.source
    func percent(_ share: Double) -> String {
      NumberText.fixed(100 * share, digits: 2) + " %"
    }
    var rows = [
      ("users", "\(statistics.users)"), ("items", "\(statistics.items)"),
      ("events", "\(statistics.events)"), ("density", percent(statistics.density)),
      ("events whose item the user has met before", percent(statistics.repeatShare)),
      ("events whose item is that of the event before", percent(statistics.immediateRepeatShare)),
      ("test targets that no training part holds", percent(statistics.coldTargetShare)),
    ]
    rows.append(("split", split.name))
    if let leaked = statistics.leakedEvents {
      rows.append(("training events later than half of the test targets", "\(leaked)"))
    }
    if let unknown = statistics.unknownEvents {
      rows.append(("events of the unknown item", "\(unknown)"))
    }
    if let sessions = statistics.sessions { rows.append(("sessions", "\(sessions)")) }
    if let span = statistics.timeSpan {
      rows.append(("first event", time(span.lowerBound)))
      rows.append(("last event", time(span.upperBound)))
    } else {
      rows.append(("first event", "unknown: the log has no times"))
    }
    rows.append(("order of events of one time", source.tieRule))
    rows.append(("users left out", "\(source.leftOutUserCount)"))
    rows.append(("hash", source.hash))
    return rows
  }

  private static func quantiles(_ statistics: DatasetStatistics) -> String {
    var table = TextTable(header: ["events", "minimum", "median", "mean", "p90", "maximum", "gini"])
    for (name, events) in [
      ("of a user", statistics.userEvents), ("of an item", statistics.itemEvents),
    ] {
      table.append([
        name, "\(events.least)", "\(events.median)", NumberText.fixed(events.mean, digits: 1),
        "\(events.ninthDecile)", "\(events.most)", NumberText.fixed(events.gini, digits: 3),
      ])
    }
    return table.text
  }

  /// A line for each feature, and one for the event types; nothing where there are none.
  private static func contents(of dataset: SequenceDataset) -> String {
    var text = ""
    if let types = dataset.types, let column = dataset.events.types {
      var counts = [Int](repeating: 0, count: types.count)
      for type in column where type >= 0 { counts[Int(type)] += 1 }
      var table = TextTable(header: ["event type", "events"])
      for (index, count) in counts.enumerated() { table.append([types[index], "\(count)"]) }
      text += table.text + "\n"
    }
    guard !dataset.features.isEmpty else { return text }
    var table = TextTable(header: [
      "feature", "from", "scaling", "missing", "minimum", "mean", "deviation", "maximum",
    ])
    for feature in dataset.features {
      let numbers = [feature.least, feature.mean, feature.deviation, feature.most]
      table.append(
        [
          feature.request.name, feature.request.origin.rawValue, feature.request.scaling.rawValue,
          "\(feature.missingCount)",
        ] + numbers.map { NumberText.fixed($0, digits: 3) })
    }
    return text + table.text + "\n"
  }

  private static func time(_ microseconds: Int64) -> String {
    TimeText.iso8601(microseconds)
  }
}

extension Distribution.Bin {
  /// Labelled `10-19`, or `1` for a single count.
  fileprivate var bar: (label: String, count: Int) {
    (from == through ? "\(from)" : "\(from)-\(through)", count)
  }
}
