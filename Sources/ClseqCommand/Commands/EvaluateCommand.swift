public import ArgumentParser
public import Clseq
import Foundation

/// Scores a trained model.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Score the best checkpoint of a run.",
    discussion: "Full ranking over all items, with items that the user has seen left out.")

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run")) var directory: String
  @Option(help: ArgumentHelp("Another log to score on.", valueName: "log")) var data: String?
  @Option(
    help: ArgumentHelp("How --data is written.", valueName: "auto|events|sequences|inter"))
  var dataFormat = DataFormatChoice.auto
  @Option(help: "The targets: the last event of each user, or the one before.")
  var split = LeaveOneOut.Part.test
  @OptionGroup(title: "Settings") var options: SettingOptions<DeviceSettings>

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let layout = try RunLayout.existing(at: directory)
    var settings = try SettingResolution(environment: environment)
      .finished(layout, options: options.values)
    if let data {
      settings.data = data
      settings.dataFormat = dataFormat
    }
    let checkpoint = try layout.verifiedBest()
    let dataset = try settings.loadDataset()
    let backend = try settings.openBackend()
    _ = (checkpoint, dataset, backend)
  }

  /// The scores and their protocol, for people.
  static func text(of summary: EvaluationSummary, names: [String]) -> String {
    var table = TextTable(header: ["metric", summary.split])
    for name in names {
      table.append([name, summary.scores[name].map { ProgressReport.fixed($0, digits: 4) } ?? ""])
    }
    return table.text + "\n" + Self.text(of: summary.passport)
  }

  /// The protocol, a field a line.
  static func text(of passport: Passport) -> String {
    var table = TextTable(header: ["protocol", ""], alignment: [.left, .left])
    for field in passport.fields { table.append([field.name, field.value]) }
    return table.text
  }
}

extension DataFormatChoice: ExpressibleByArgument {}
extension LeaveOneOut.Part: ExpressibleByArgument {}
