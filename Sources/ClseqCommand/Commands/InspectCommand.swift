import ArgumentParser
import Clseq
import Foundation

/// Says what is in a log or a dataset.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Describe a log or a dataset: sizes, distributions, leaks.")

  @Argument(help: "The log or the dataset; without it, the built-in log.") var data: String?
  @Option(help: ArgumentHelp("Also draw the distributions into a new SVG file.", valueName: "file"))
  var plot: String?
  @OptionGroup(title: "Reading") var options: SettingOptions<ReadingSettings>

  func run() throws {
    var settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    settings.data = data ?? ""
    let dataset = try settings.loadDataset()
    let statistics = DatasetStatistics(Split.leaveOneOut(dataset))
    try plot.map { try Self.draw(statistics, dataset.source.name, to: $0) }
    try Console.show(statistics, as: settings.format) { Self.text(of: statistics, dataset.source) }
  }

  private static func draw(
    _ statistics: DatasetStatistics, _ name: String, to path: String
  ) throws {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw FileError(.create, path, reason: "it exists; choose another name or remove it")
    }
    let plot = BarPlot([
      .init(
        title: "\(name): events of a user", bars: statistics.userEvents.bins.map(\.bar)),
      .init(
        title: "\(name): events of an item", bars: statistics.itemEvents.bins.map(\.bar)),
    ])
    do { try Data(plot.svg.utf8).write(to: URL(filePath: path), options: .atomic) } catch {
      throw FileError(.write, path, reason: FileError.reason(of: error))
    }
  }

  /// The statistics as tables and bars.
  static func text(of statistics: DatasetStatistics, _ source: DataSource) -> String {
    var table = TextTable(header: ["\(source.name)", ""], alignment: [.left, .right])
    for (name, value) in rows(statistics, source) { table.append([name, value]) }
    return """
      \(table.text)
      \(quantiles(statistics))
      events of a user
      \(BarChart.text(statistics.userEvents.bins.map(\.bar)))
      events of an item
      \(BarChart.text(statistics.itemEvents.bins.map(\.bar)))
      """
  }

  private static func rows(
    _ statistics: DatasetStatistics, _ source: DataSource
  ) -> [(String, String)] {
    func percent(_ share: Double) -> String {
      ProgressReport.fixed(100 * share, digits: 2) + " %"
    }
    var rows = [
      ("users", "\(statistics.users)"), ("items", "\(statistics.items)"),
      ("events", "\(statistics.events)"), ("density", percent(statistics.density)),
      ("events whose item the user has met before", percent(statistics.repeatShare)),
      ("events whose item is that of the event before", percent(statistics.immediateRepeatShare)),
      ("test targets that no training part holds", percent(statistics.coldTargetShare)),
    ]
    if let leaked = statistics.leakedEvents {
      rows.append(("leave-one-out: training events later than the median test target", "\(leaked)"))
    }
    if let span = statistics.timeSpan {
      rows.append(("first event", time(span.lowerBound)))
      rows.append(("last event", time(span.upperBound)))
    } else {
      rows.append(("order of events", "as written: the log has no times"))
    }
    rows.append(("users left out", "\(source.leftOutUserCount)"))
    rows.append(("hash", source.hash))
    return rows
  }

  private static func quantiles(_ statistics: DatasetStatistics) -> String {
    var table = TextTable(header: ["events", "least", "median", "mean", "p90", "most", "gini"])
    for (name, events) in [
      ("of a user", statistics.userEvents), ("of an item", statistics.itemEvents),
    ] {
      table.append([
        name, "\(events.least)", "\(events.median)", ProgressReport.fixed(events.mean, digits: 1),
        "\(events.ninthDecile)", "\(events.most)", ProgressReport.fixed(events.gini, digits: 3),
      ])
    }
    return table.text
  }

  private static func time(_ microseconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(microseconds) / 1e6).formatted(.iso8601)
  }
}

extension Distribution.Bin {
  /// Labelled `10-19`, or `1` for a single count.
  fileprivate var bar: (label: String, count: Int) {
    (from == through ? "\(from)" : "\(from)-\(through)", count)
  }
}
