import ArgumentParser
import Clseq
import Foundation

/// Sets two runs side by side.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare two runs, user by user.",
    discussion: """
      Both are scored again on their own log, and users are drawn with replacement (paired \
      bootstrap) to tell how sure the differences are. Runs of unlike protocols are refused.
      """)

  @Argument(
    help: ArgumentHelp("The first run directory.", valueName: "run"), completion: .directory)
  var first: String
  @Argument(help: ArgumentHelp("The second.", valueName: "run"), completion: .directory)
  var second: String
  @Option(help: "The part that is scored.")
  var split = Split.Part.test
  @Option(help: "Whether items that a user has seen are candidates (default: as in training).")
  var seen: SeenRule?
  @OptionGroup(title: "Settings") var options: SettingOptions<DeviceSettings>

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let resolution = SettingResolution(environment: environment)
    let runs = try [first, second].map { path in
      try ScoredRun(
        RunLayout.existing(at: path), resolution, options: options.values, seen: seen)
    }
    try runs[0].passport.requireComparable(to: runs[1].passport)
    let ranks = try runs.map { try $0.ranks(of: split) }
    let comparison = Comparison(first, second, split, ranks, seed: runs[0].settings.seed)
    try Console.show(comparison, as: runs[0].settings.format) { comparison.text }
  }
}

/// The metrics of two runs and their differences.
struct Comparison: Encodable {
  struct Row: Encodable {
    let metric: String
    let first: Double
    let second: Double
    let difference: Double
    let interval: [Double]
    let pValue: Double

    private enum CodingKeys: String, CodingKey {
      case metric, first, second, difference, interval
      case pValue = "p_value"
    }
  }

  let runs: [String]
  let split: String
  let users: Int
  let rows: [Row]

  init(_ first: String, _ second: String, _ part: Split.Part, _ ranks: [[Int]], seed: UInt64) {
    let bootstrap = Bootstrap(seed: seed)
    runs = [first, second]
    split = part.rawValue
    users = ranks[0].count
    rows = RankingMetrics.metrics.flatMap { type in
      RankingMetrics.cutoffs.compactMap { cutoff in
        let metric = type.init(at: cutoff)
        let values = ranks.map { metric.values(ranks: $0) }
        guard let difference = bootstrap.difference(values[0], values[1]) else { return nil }
        return Row(
          metric: metric.title, first: Self.mean(values[0]), second: Self.mean(values[1]),
          difference: difference.mean,
          interval: [difference.interval.lower, difference.interval.upper],
          pValue: difference.pValue)
      }
    }
  }

  var text: String {
    var table = TextTable(header: ["metric", "first", "second", "difference", "95 % interval", "p"])
    for row in rows {
      let numbers = ([row.first, row.second, row.difference] + row.interval).map {
        ProgressReport.fixed($0, digits: 4)
      }
      table.append([
        row.metric, numbers[0], numbers[1], numbers[2], "\(numbers[3]) to \(numbers[4])",
        ProgressReport.fixed(row.pValue, digits: 3),
      ])
    }
    return "\(table.text)\nfirst   \(runs[0])\nsecond  \(runs[1])\nusers   \(users)\n"
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
