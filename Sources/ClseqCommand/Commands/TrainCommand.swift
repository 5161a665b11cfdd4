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

      Defaults below are those of ranking next items with a transformer. --task click takes \
      transformer-ctr (hidden size 96, 8 heads, one block, fixed positions) and a split by time; \
      churn, future-… and user: targets, and return, a split by user; lstm-attention is 128 wide.
      """)

  @OptionGroup var training: TrainingOptions
  @Option(
    help: ArgumentHelp(
      "Train once with each seed, in runs below --run, and tell mean and spread.",
      valueName: "seed,…"))
  var seeds: String?

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let resolution = SettingResolution(environment: environment)
    let call = training.call
    if let seeds {
      return try SeedSweep(Self.seeds(seeds), call, resolution).run()
    }
    let startedAt = ContinuousClock.now
    let settings = try resolution.training(call)
    try TrainingCall.requireUsableRun(settings)
    try resolution.warnOfIdleSettings(call, settings)
    let dataset = try settings.readDataset()
    if case .baseline(let baseline) = settings.model {
      return try Self.fit(baseline, settings, dataset)
    }
    let (summary, trainer) = try TrainingCall.train(settings, dataset, startedAt: startedAt)
    let others = try OtherRankers.scores(
      trainer.settings, trainer.split, .test, neighbours: trainer.neighbours)
    try Console.show(summary, as: settings.format) {
      Self.text(of: summary, names: summary.scoreNames, others: others)
    }
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
    _ baseline: Baseline, _ settings: TrainingSettings, _ dataset: SequenceDataset
  ) throws {
    let fitted = try BaselineRun(baseline, settings, dataset: dataset)
    SplitNotes.show(fitted.split, settings, fitted.passport)
    let run = try TrainingCall.runDirectory(settings, dataName: dataset.source.name, at: Date())
    try fitted.save(to: run)
    let scores = Split.Part.allCases.map { RankingMetrics(ranks: fitted.ranks(of: $0)) }
    let summary = BaselineSummary(
      run: run.path, validation: scores[0].dictionary, test: scores[1].dictionary,
      passport: fitted.passport)
    try run.setSummary(summary)
    try Console.show(summary, as: settings.format) {
      var table = TextTable(header: ["metric", "validation", "test"])
      for (name, values) in zip(scores[0].names, zip(scores[0].values, scores[1].values)) {
        table.append(
          [name] + [values.0, values.1].map { NumberText.fixed($0, digits: 4) })
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
    return """
      \(table.text)
      best epoch     \(summary.bestEpoch)
      speed          \(Int(summary.trainingEventsPerSecond)) events/s
      first step     after \(NumberText.fixed(summary.secondsToFirstStep, digits: 2)) s
      peak memory    \(summary.peakDeviceBytes / 1_048_576) MiB of the device, \(resident) resident
      run            \(summary.run ?? "")

      """
  }
}
