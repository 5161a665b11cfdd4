import ArgumentParser
import Clseq
import ClseqTraining
import Foundation

/// Searches for settings, by the validation alone.
struct TuneCommand: DeviceCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune", abstract: "Search for settings by random trials, on validation only.",
    discussion: """
      Each trial is a run below --run with values drawn from the ranges: --search dropout=0.1..0.5, \
      learning-rate=1e-4..1e-2:log, layers=1..3 (whole numbers), 'hidden-size=32|64|128' (one of these). What \
      a trial draws depends on --tune-seed, the setting and the trial's number alone. --resume --run FOLDER \
      goes on, perhaps with more --trials. Other settings are those of `clseq train`. Test scores are not \
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
    // What does not fit is told before anything is trained.
    for values in values { _ = try resolution.training(call.withoutRun.changing(values)) }
    let sweep = try Sweep("tune", call, resolution)
    var rows: [(trial: TuneReport.Trial, selection: SelectionMetric?)] = []
    for (number, values) in values.enumerated() {
      let digits = String(number + 1)
      let name = "trial-" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
      let record = try sweep.record(of: name, changing: values)
      rows.append((TuneReport.Trial(name, values, record), record.selection))
    }
    let report = TuneReport(
      sweep.folder, rows.map(\.trial), by: rows.first?.selection)
    if let best = report.trials.first {
      let yaml = try DurableFiles.bytes(
        of: RunLayout(path: "\(sweep.folder)/\(best.name)").configPath)
      try DurableFiles.write(Array(yaml), to: "\(sweep.folder)/best.yaml")
    }
    try Console.show(report, as: try sweep.settings.format) { report.text }
  }
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
    /// The keys in the order in which they were asked for.
    let keys: [String]

    private enum CodingKeys: String, CodingKey { case name, values, epochs, validation }

    init(_ name: String, _ values: [(key: String, text: String)], _ record: RunRecord) {
      self.name = name
      self.values = Dictionary(values.map { ($0.key, $0.text) }) { $1 }
      keys = values.map(\.key)
      epochs = record.epochs
      validation = record.validation
    }
  }

  let run: String
  let metric: String
  let trials: [Trial]

  /// - Parameter selection: The figure that trials are chosen by; nil where the runs do not tell.
  init(_ run: String, _ trials: [Trial], by selection: SelectionMetric?) {
    self.run = run
    metric = selection?.name ?? "NDCG@10"
    let merits = trials.map { selection?.merit(of: $0.validation) ?? -.infinity }
    self.trials = trials.indices.sorted { left, right in
      merits[left] == merits[right] ? left < right : merits[left] > merits[right]
    }.map { trials[$0] }
  }

  /// A table.
  var text: String {
    let keys = trials.first?.keys ?? []
    var table = TextTable(header: ["trial"] + keys + ["epochs", "validation \(metric)"])
    for trial in trials {
      let epochs = trial.epochs.map(String.init) ?? ""
      let score = trial.validation[metric].map { ProgressReport.fixed($0, digits: 4) } ?? ""
      table.append([trial.name] + keys.map { trial.values[$0] ?? "" } + [epochs, score])
    }
    return "\(table.text)\nruns  \(run)\nbest  \(run)/best.yaml\n"
  }
}
