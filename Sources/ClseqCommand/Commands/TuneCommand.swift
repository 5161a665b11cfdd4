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
      goes on, perhaps with more --trials. A trial that diverges, does not fit the memory or is refused stands \
      last, with its reason. Other settings are those of `clseq train`. Test scores are not \
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
    let call = training.call
    let ranges = search.compactMap(SearchRange.init)
    let values = (0..<trials).map { trial in
      ranges.map { (key: $0.key, text: $0.value(trial: trial, seed: tuneSeed)) }
    }
    // An unknown setting or a value out of range is an error before anything is trained.
    for values in values {
      do { _ = try resolution.training(call.withoutRun.changing(values)) } catch SettingsError
        .doNotFit
      { continue }
    }
    var sweep = try Sweep("tune", call, resolution)
    let trials = try Self.trials(of: values, in: &sweep)
    let report = TuneReport(sweep.folder, trials.map(\.trial), by: trials.selection)
    if let best = report.trials.first, best.failure == nil {
      let yaml = try DurableFiles.bytes(
        of: RunLayout(path: "\(sweep.folder)/\(best.name)").configPath)
      try DurableFiles.write(Array(yaml), to: "\(sweep.folder)/best.yaml")
    }
    try Console.show(report, as: try sweep.settings.format) { report.text }
    if report.trials.allSatisfy({ $0.failure != nil }) { throw EveryTrialFailed() }
  }

  /// Trains what is not trained yet, and tells what fails. Trials that read the log alike follow one
  /// another.
  ///
  /// - Throws: ``Interruption``, and the first error where no training could begin.
  private static func trials(
    of values: [[(key: String, text: String)]], in sweep: inout Sweep
  ) throws -> [FinishedTrial] {
    let settings = try sweep.settings
    let readings = values.map { values in
      (try? sweep.settings(changing: values)).map(Sweep.readingKey) ?? []
    }
    let order = values.indices.sorted { left, right in
      let firsts = [left, right].map { readings.firstIndex(of: readings[$0]) ?? 0 }
      return (firsts[0], left) < (firsts[1], right)
    }
    var trials: [FinishedTrial?] = values.map { _ in nil }
    var firstFailure: (any Error)?
    for number in order {
      let digits = String(number + 1)
      let name = "trial-" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
      do {
        let record = try sweep.record(of: name, changing: values[number])
        trials[number] = FinishedTrial(
          trial: .init(name, values[number], record), selection: record.selection)
      } catch let interruption as Interruption {
        throw interruption
      } catch {
        firstFailure = firstFailure ?? error
        Console.warn("\(name) failed: \(error)", settings)
        trials[number] = FinishedTrial(
          trial: .init(name, values[number], failure: "\(error)"), selection: nil)
      }
    }
    if let firstFailure, !sweep.hasTrained { throw firstFailure }
    return trials.compactMap { $0 }
  }
}

/// A trial, and the figure that its epochs were chosen by.
private struct FinishedTrial {
  let trial: TuneReport.Trial
  let selection: SelectionMetric?
}

extension [FinishedTrial] {
  fileprivate var selection: SelectionMetric? { lazy.compactMap(\.selection).first }
}

/// No trial of a search came to its end.
struct EveryTrialFailed: Error, CustomStringConvertible {
  var description: String { "every trial failed: there is no best one" }
}

extension TrainingCall {
  /// The call without the run that it names.
  fileprivate var withoutRun: TrainingCall {
    var call = self
    call.options.removeAll { ["run", "resume"].contains($0.key) }
    return call
  }
}

/// The trials of a search, the best first.
struct TuneReport: Encodable {
  /// One trial.
  struct Trial: Encodable {
    let name: String
    let values: [String: String]
    let epochs: Int?
    let validation: [String: Double]
    /// Why it has no score that counts; nil where it has one.
    let failure: String?
    /// The keys in the order in which they were asked for.
    let keys: [String]

    private enum CodingKeys: String, CodingKey { case name, values, epochs, validation, failure }

    init(_ name: String, _ values: [(key: String, text: String)], _ record: RunRecord) {
      self.init(name, values, record.epochs, record.validation, nil)
    }

    init(_ name: String, _ values: [(key: String, text: String)], failure: String) {
      self.init(name, values, nil, [:], failure)
    }

    private init(
      _ name: String, _ values: [(key: String, text: String)], _ epochs: Int?,
      _ validation: [String: Double], _ failure: String?
    ) {
      self.name = name
      self.values = Dictionary(values.map { ($0.key, $0.text) }) { $1 }
      keys = values.map(\.key)
      (self.epochs, self.validation, self.failure) = (epochs, validation, failure)
    }
  }

  let run: String
  let metric: String
  let trials: [Trial]

  /// - Parameter selection: The figure that trials are chosen by; nil where the runs do not tell.
  init(_ run: String, _ trials: [Trial], by selection: SelectionMetric?) {
    self.run = run
    metric = selection?.name ?? "NDCG@10"
    let merits = trials.map { trial in
      trial.failure == nil ? selection?.merit(of: trial.validation) ?? -.infinity : -.infinity
    }
    self.trials = trials.indices.sorted { left, right in
      let failed = [left, right].map { trials[$0].failure != nil }
      if failed[0] != failed[1] { return failed[1] }
      return merits[left] == merits[right] ? left < right : merits[left] > merits[right]
    }.map { trials[$0] }
  }

  /// A table.
  var text: String {
    let keys = trials.first?.keys ?? []
    var table = TextTable(header: ["trial"] + keys + ["epochs", "validation \(metric)"])
    for trial in trials {
      let epochs = trial.epochs.map(String.init) ?? ""
      let score = trial.validation[metric].map { NumberText.fixed($0, digits: 4) }
      table.append(
        [trial.name] + keys.map { trial.values[$0] ?? "" } + [epochs, score ?? "failed"])
    }
    let failures = trials.compactMap { trial in
      trial.failure.map { "\(trial.name) failed: \($0)\n" }
    }
    let best = trials.contains { $0.failure == nil } ? "best  \(run)/best.yaml\n" : ""
    return "\(table.text)\n\(failures.joined())runs  \(run)\n\(best)"
  }
}
