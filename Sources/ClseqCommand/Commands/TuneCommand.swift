import ArgumentParser
import Clseq
import ClseqTraining
import Foundation

/// Searches for settings, by the validation alone.
struct TuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune", abstract: "Search for settings by random trials, on validation only.",
    discussion: """
      Each trial is a run below --run with values drawn from the ranges: --search dropout=0.1..0.5, \
      learning-rate=1e-4..1e-2:log, layers=1..3 (whole numbers), 'hidden-size=32|64|128' (one of these). What \
      a trial draws depends on --tune-seed, the setting and the trial's number alone. --resume --run FOLDER \
      continues the search, also with more --trials. A trial that diverges, does not fit the memory \
      or is refused is listed last, with its reason. Other settings are those of `clseq train`. Test scores are not \
      looked at; best.yaml in the folder holds the best trial's settings for `clseq train --config`.
      """)

  @OptionGroup var training: TrainingOptions
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("A setting and its values; once for each.", valueName: "setting=values"))
  var search: [String] = []
  @Option(help: "Trials of the whole search.") var trials = 20
  @Option(help: "Seed of what the trials draw; --seed is that of each training.")
  var tuneSeed: UInt64 = 1

  func validate() throws {
    guard !search.isEmpty else {
      throw ValidationError("nothing to search: give ranges, as --search dropout=0.1..0.5")
    }
    guard trials >= 1 else {
      throw ValidationError("--trials is \(trials), and must be at least 1")
    }
    for text in search where SearchRange(text) == nil {
      throw ValidationError(
        "--search '\(text)' is no setting with values such as dropout=0.1..0.5, "
          + "learning-rate=1e-4..1e-2:log or 'hidden-size=32|64'")
    }
  }

  func run() throws {
    let resolution = SettingResolution(environment: ProcessInfo.processInfo.environment)
    let request = training.request
    let values = Sweep.values(
      of: search.compactMap(SearchRange.init), trials: trials, seed: tuneSeed)
    // An unknown setting or a value out of range is an error before anything is trained.
    for values in values {
      do { _ = try resolution.training(request.withoutRun.changing(values)) } catch SettingsError
        .doNotFit
      { continue }
    }
    var sweep = try Sweep("tune", request, resolution)
    let report = try Interruption.mapped(
      advice: "go on with the same command and --resume --run \(sweep.folder)"
    ) { try sweep.report(ofTrials: values) }
    try Console.show(report, as: resolution.training(request.withoutRun).format) {
      Self.text(of: report)
    }
    if report.best == nil { throw EveryTrialFailed() }
  }

  /// A table of the trials.
  private static func text(of report: SearchReport) -> String {
    let keys = report.trials.first?.keys ?? []
    var table = TextTable(header: ["trial"] + keys + ["epochs", "validation \(report.metric)"])
    for trial in report.trials {
      let epochs = trial.epochs.map(String.init) ?? ""
      let score = trial.validation[report.metric].map { NumberText.fixed($0, digits: 4) }
      table.append(
        [trial.name] + keys.map { trial.values[$0] ?? "" } + [epochs, score ?? "failed"])
    }
    let failures = report.trials.compactMap { trial in
      trial.failure.map { "\(trial.name) failed: \($0)\n" }
    }
    let best = report.best == nil ? "" : "best  \(report.run)/best.yaml\n"
    return "\(table.text)\n\(failures.joined())runs  \(report.run)\n\(best)"
  }
}

/// No trial of a search came to its end.
struct EveryTrialFailed: Error, CustomStringConvertible {
  var description: String { "every trial failed: there is no best one" }
}
