import ArgumentParser
import Clseq
import Foundation

/// Sets runs side by side.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare runs, user by user.",
    discussion: """
      All are scored again on their own log, and users are drawn with replacement (paired \
      bootstrap) to tell how sure the differences from the first run are. Runs of unlike protocols \
      are refused.
      """)

  @Argument(
    help: ArgumentHelp("The first run directory.", valueName: "run"), completion: .directory)
  var first: String
  @Argument(
    help: ArgumentHelp("The runs that it is compared with.", valueName: "run"),
    completion: .directory)
  var others: [String]
  @Option(help: "The part that is scored.")
  var split = Split.Part.test
  @Option(help: "Whether items that a user has seen are candidates (default: as in training).")
  var seen: SeenRule?
  @OptionGroup(title: "Settings") var options: SettingOptions<DeviceSettings>

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let resolution = SettingResolution(environment: environment)
    // One after another: a run is let go of before the next is opened.
    var known: (passport: Passport, settings: TrainingSettings, cases: [ScoredCases])?
    var comparisons: [Comparison] = []
    for path in [first] + others {
      let layout = try RunLayout.existing(at: path)
      var settings = try resolution.finished(layout, options: options.values)
      if let seen { settings.seen = SeenChoice(seen) }
      let run = try settings.scoredRun(layout, dataset: settings.readDataset())
      guard let base = known else {
        known = (run.passport, settings, try run.cases(of: split))
        continue
      }
      try base.passport.requireComparable(to: run.passport)
      comparisons.append(
        Comparison(
          first, path, split, users: base.cases.map(\.userCount).max() ?? 0,
          try ScoredCases.differences(
            base.cases, run.cases(of: split), seed: base.settings.seed)))
    }
    guard let format = known?.settings.format else { return }
    if comparisons.count == 1 {
      try Console.show(comparisons[0], as: format) { comparisons[0].text }
    } else {
      try Console.show(["comparisons": comparisons], as: format) {
        comparisons.map(\.text).joined(separator: "\n")
      }
    }
  }
}

/// The figures of two runs and their differences.
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

  init(
    _ first: String, _ second: String, _ part: Split.Part, users: Int,
    _ differences: [FigureDifference]
  ) {
    runs = [first, second]
    split = part.rawValue
    self.users = users
    rows = differences.compactMap { figure in
      guard let difference = figure.difference else { return nil }
      return Row(
        metric: figure.name, first: figure.first, second: figure.second,
        difference: difference.value,
        interval: [difference.interval.lower, difference.interval.upper],
        pValue: difference.pValue)
    }
  }

  var text: String {
    var table = TextTable(header: ["metric", "first", "second", "difference", "95 % interval", "p"])
    for row in rows {
      let numbers = ([row.first, row.second, row.difference] + row.interval).map {
        NumberText.fixed($0, digits: 4)
      }
      table.append([
        row.metric, numbers[0], numbers[1], numbers[2], "\(numbers[3]) to \(numbers[4])",
        NumberText.fixed(row.pValue, digits: 3),
      ])
    }
    return "\(table.text)\nfirst   \(runs[0])\nsecond  \(runs[1])\nusers   \(users)\n"
  }
}
