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
    let dataset = try Self.dataset(settings, isOther: data != nil, of: layout)
    let backend = try settings.openBackend()
    let trainer = try Trainer(settings, dataset: dataset, on: backend)
    if data == nil { try trainer.passport.requireComparable(to: try layout.passport()) }
    try trainer.load(checkpoint)
    let scores = try trainer.evaluator.metrics(of: split)
    let summary = EvaluationSummary(
      run: directory, split: split.rawValue, scores: scores.dictionary, passport: trainer.passport)
    try Console.show(summary, as: settings.format) {
      Self.text(of: summary, names: scores.names)
    }
  }

  /// The log to score on, with the items under the indices that the model knows.
  private static func dataset(
    _ settings: TrainingSettings, isOther: Bool, of layout: RunLayout
  ) throws -> SequenceDataset {
    let dataset = try settings.loadDataset()
    guard isOther else { return dataset }
    let known = try dataset.translated(to: try Vocabulary(contentsOf: layout.vocabularyPath))
    if known.eventCount < dataset.eventCount {
      Console.warn(
        "\(dataset.eventCount - known.eventCount) of \(dataset.eventCount) events are left out: "
          + "the model does not know their items, or too few events of their users are left")
    }
    return known
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
