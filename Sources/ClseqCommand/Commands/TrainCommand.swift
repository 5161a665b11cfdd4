import ArgumentParser
import Clseq
import Foundation

/// Trains a model.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a model on a log of events.",
    discussion: """
      Settings are taken from the file of --config, then from CLSEQ_* in the environment \
      (CLSEQ_HIDDEN_SIZE), then from options; the later win. The resolved ones are saved in the \
      run directory, and `clseq train --config RUN/config.yaml` repeats the run.

      Settings that every model has stand below, with the defaults of ranking next items with a \
      transformer. `clseq train --model lstm --help` shows the settings and defaults of a model, \
      `--task click --help` those of a task and of its usual model.
      """)

  @OptionGroup var training: TrainingOptions
  @Option(
    help: ArgumentHelp(
      "Train once with each seed, in runs below --run, and print mean and deviation.",
      valueName: "seed,…"))
  var seeds: String?

  func run() throws { try Self.train(training.request, seeds: seeds) }

  /// Trains once, or once with each seed of a list.
  static func train(_ request: TrainingRequest, seeds: String?) throws {
    let environment = ProcessInfo.processInfo.environment
    let resolution = SettingResolution(environment: environment)
    if let seeds { return try Self.train(Self.seeds(seeds), request, resolution) }
    let startedAt = ContinuousClock.now
    let settings = try resolution.training(request)
    try RunDirectory.requireUsable(settings)
    try Console.warnOfIdleSettings(resolution, request, settings)
    let dataset = try settings.readDataset()
    if case .baseline(let baseline) = settings.model {
      return try Self.fit(baseline, settings, dataset)
    }
    let (summary, trainer) = try Interruption.mapped {
      try settings.train(dataset, startedAt: startedAt)
    }
    let others = try OtherRankers.scores(
      trainer.settings, trainer.split, .test, neighbours: trainer.neighbours)
    Self.warnOfSimpleRankers(summary, trainer.selection, others, settings)
    try Console.show(summary, as: settings.format) {
      Self.text(of: summary, names: summary.scoreNames, others: others)
    }
  }

  /// Warns where a simple answer is as good as the model in the figure that chose the epoch.
  private static func warnOfSimpleRankers(
    _ summary: TrainingSummary, _ selection: SelectionMetric,
    _ others: [(title: String, scores: [String: Double])], _ settings: ResolvedSettings
  ) {
    guard let own = selection.orientedValue(of: summary.test) else { return }
    for other in others where other.title != "best possible" {
      guard let value = selection.orientedValue(of: other.scores), value >= own else { continue }
      Console.warn(
        "test \(selection.name) is \(NumberText.fixed(abs(own), digits: 4)), no better than "
          + "\(NumberText.fixed(abs(value), digits: 4)) of '\(other.title)': try a larger --patience, a smaller "
          + "--batch-size or another --learning-rate", settings)
    }
  }

  /// Trains once with each seed.
  private static func train(
    _ seeds: [UInt64], _ request: TrainingRequest, _ resolution: SettingResolution
  ) throws {
    var sweep = try Sweep("seeds", request, resolution)
    let report = try Interruption.mapped(
      advice: "continue with the same command and --resume --run \(sweep.folder)"
    ) { try sweep.report(ofSeeds: seeds) }
    try Console.show(report, as: resolution.training(request.withoutRun).format) {
      text(of: report)
    }
  }

  /// Mean and deviation of each figure, and the figures of each seed.
  private static func text(of report: SeedReport) -> String {
    var table = TextTable(
      header: ["metric", "validation", "test"] + report.seeds.map { "seed \($0)" })
    for (name, test) in report.test.sorted(by: {
      $0.key.compare($1.key, options: .numeric) == .orderedAscending
    }) {
      table.append(
        [name, report.validation[name]?.text ?? "", test.text]
          + test.values.map { NumberText.fixed($0, digits: 4) })
    }
    return "\(table.text)\nruns  \(report.run)\n"
  }

  /// The numbers of `1,2,3`, each once.
  private static func seeds(_ text: String) throws -> [UInt64] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let seeds = parts.compactMap { UInt64($0) }
    guard seeds.count == parts.count, Set(seeds).count == seeds.count else {
      throw ValidationError("--seeds is '\(text)', and must be different numbers such as 1,2,3")
    }
    return seeds
  }

  /// Scores a baseline, which has nothing to train in steps, and keeps it as a run.
  private static func fit(
    _ baseline: Baseline, _ settings: ResolvedSettings, _ dataset: SequenceDataset
  ) throws {
    let fitted = try BaselineRun(baseline, settings.training, dataset: dataset)
    SplitNotes.show(fitted.split, settings, fitted.passport)
    let run = try RunDirectory.begin(settings, dataName: dataset.source.name)
    try fitted.save(to: run)
    let scores = Split.Part.allCases.map(fitted.scores)
    let summary = BaselineSummary(
      run: run.path, validation: scores[0].dictionary, test: scores[1].dictionary,
      passport: fitted.passport)
    try run.setSummary(summary)
    try Console.show(summary, as: settings.format) {
      var table = TextTable(header: ["metric", "validation", "test"])
      for (validation, test) in zip(scores[0].entries, scores[1].entries) {
        table.append(
          [validation.name]
            + [validation.value, test.value].map { NumberText.fixed($0, digits: 4) })
      }
      return "\(table.text)\nrun  \(run.path)\n"
    }
  }

  /// The scores beside those of other rankers, and what the run took.
  static func text(
    of summary: TrainingSummary, names: [String],
    others: [(title: String, scores: [String: Double])]
  ) -> String {
    let columns = [("validation", summary.validation), ("test", summary.test)] + others
    var table = TextTable(header: ["metric"] + columns.map(\.0))
    for name in names {
      table.append(
        [name] + columns.map { $0.1[name].map { NumberText.fixed($0, digits: 4) } ?? "" })
    }
    let resident = summary.peakResidentBytes.map { "\($0 / 1_048_576) MiB" } ?? "unknown"
    // A finished run that is resumed makes no step.
    let firstStep =
      summary.secondsToFirstStep > 0
      ? "first step     after \(NumberText.fixed(summary.secondsToFirstStep, digits: 2)) s\n" : ""
    return """
      \(table.text)
      best epoch     \(summary.bestEpoch)
      speed          \(Int(summary.trainingEventsPerSecond)) events/s
      \(firstStep)peak memory    \(summary.peakDeviceBytes / 1_048_576) MiB of the device, \(resident) resident
      run            \(summary.run ?? "")

      """
  }
}
