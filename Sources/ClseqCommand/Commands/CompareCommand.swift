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
  @Option(help: "The part of the split to score.")
  var part = Split.Part.test
  @Option(help: "Whether items that a user has seen are candidates (default: as in training).")
  var seen: SeenRule?
  @OptionGroup(title: "Settings") var options: SettingOptions<DeviceSettings>

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let resolution = SettingResolution(environment: environment)
    var datasets = LatestDataset { try $0.readDataset() }
    // One after another: a run is let go of before the next is opened.
    var base: (part: ScoredPart, settings: ResolvedSettings)?
    var comparisons: [RunComparison] = []
    for path in [first] + others {
      let layout = try RunLayout.existing(at: path)
      var settings = try resolution.finished(layout, options: options.values)
      if let seen { settings.seen = SeenChoice(seen) }
      if base == nil {
        Console.warnOfIdleOptions(settings)
        Console.warnOfIdleRanking([("--seen", seen != nil)], settings)
      }
      let run = try settings.scoredRun(layout, dataset: datasets.dataset(settings))
      let scored = try ScoredPart(run, at: path, part)
      if let base {
        comparisons.append(try RunComparison(base.part, scored, seed: base.settings.seed))
      } else {
        base = (scored, settings)
      }
    }
    guard let format = base?.settings.format else { return }
    if comparisons.count == 1 {
      try Console.show(comparisons[0], as: format) { comparisons[0].text }
    } else {
      try Console.show(["comparisons": comparisons], as: format) {
        comparisons.map(\.text).joined(separator: "\n")
      }
    }
  }
}

extension RunComparison {
  /// A table of the figures.
  fileprivate var text: String {
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
    let names = zip(runs, sizes).map { run, size in
      guard let size else { return run }
      let others = counted(size.parameters - size.tableParameters, "parameter")
      return "\(run) (\(others) beside the item table, \(size.tableParameters) in it)"
    }
    return "\(table.text)\nfirst   \(names[0])\nsecond  \(names[1])\nusers   \(users)\n"
  }
}
