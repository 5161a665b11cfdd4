import ArgumentParser
import Clseq
import Foundation

/// Trains a model.
struct TrainCommand: DeviceCommand {
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

  @Argument(help: "The log; without it, a generated one.", completion: .file())
  var data: String?
  @Option(
    help: ArgumentHelp("A YAML file of settings.", valueName: "file"), completion: .file())
  var config: String?
  @OptionGroup(title: "Settings") var options: SettingOptions<AllSettings>

  func run() throws {
    let startedAt = ContinuousClock.now
    let environment = ProcessInfo.processInfo.environment
    let settings = try SettingResolution(environment: environment)
      .training(data: data, config: config, options: options.values)
    let dataset = try settings.readDataset()
    if case .baseline(let baseline) = settings.model {
      return try Self.fit(baseline, settings, dataset)
    }
    try Self.tellPlan(settings, dataset)
    let backend = try settings.openToldBackend()
    let trainer = try Trainer(settings, dataset: dataset, on: backend, startedAt: startedAt)
    try trainer.reserveMemory()
    let run = try Self.runDirectory(settings, dataName: dataset.source.name, at: Date())
    Interrupt.install()
    try trainer.prepare(run).map { Self.tell($0, settings) }
    try run.setSummary(nil)
    LeakWarning.show(trainer.split, settings)
    Console.detail("run \(run.path)", settings)
    var progress = ProgressReport(style: Console.progressStyle(settings))
    let summary: TrainingSummary
    do {
      summary = try trainer.train(in: run, progress: &progress) { Interrupt.signal != nil }
    } catch let interrupted as TrainingInterrupted {
      throw Interruption(signal: Interrupt.signal ?? SIGINT, advice: interrupted.advice)
    }
    try run.setSummary(summary)
    try backend.context?.profile.map { Console.note(table: try ProfileTable.text($0)) }
    let others = try OtherRankers.scores(beside: trainer, dataset)
    try Console.show(summary, as: settings.format) {
      Self.text(of: summary, names: summary.scoreNames, others: others)
    }
  }

  /// What the training will take, in two lines.
  private static func tellPlan(_ settings: TrainingSettings, _ dataset: SequenceDataset) throws {
    guard settings.device != "reference" else { return }
    let plan = try TrainingPlan(settings, dataset: dataset)
    let resident = plan.residentBytes.map { "about \(ByteText.mebibytes($0)) resident" }
    Console.note(
      "\(plan.parameters) parameters; \(plan.steps) steps of together \(plan.events) events and "
        + "\(ProgressReport.fixed(plan.flops / 1e9, digits: 1)) GFLOP an epoch\(plan.passText)",
      settings)
    Console.note(
      (["at most \(ByteText.mebibytes(plan.deviceBytes)) of the device"]
        + [resident].compactMap { $0 })
        .joined(separator: ", "), settings)
  }

  /// Warns of checkpoints that a resumed run passes over.
  private static func tell(_ resume: ResumePoint, _ settings: TrainingSettings) {
    for damage in resume.damages {
      Console.warn("\(damage); the checkpoint is passed over", settings)
    }
    if !resume.damages.isEmpty, let checkpoint = resume.checkpoint {
      Console.note("going on from \(checkpoint.path)", settings)
    }
  }

  /// Scores a baseline, which has nothing to train in steps, and keeps it as a run.
  private static func fit(
    _ baseline: Baseline, _ settings: TrainingSettings, _ dataset: SequenceDataset
  ) throws {
    let fitted = try BaselineRun(baseline, settings, dataset: dataset)
    let run = try runDirectory(settings, dataName: dataset.source.name, at: Date())
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
          [name] + [values.0, values.1].map { ProgressReport.fixed($0, digits: 4) })
      }
      return "\(table.text)\nrun  \(run.path)\n"
    }
  }

  /// The directory of the run: the one to go on with, the one asked for, or a new one by name
  /// and time.
  static func runDirectory(
    _ settings: TrainingSettings, dataName: String, at date: Date
  ) throws(RunDirectoryError) -> RunDirectory {
    if settings.resume { return try .resume(at: settings.run) }
    if !settings.run.isEmpty { return try .create(at: settings.run) }
    let path = RunLayout.defaultPath(model: settings.model.rawValue, data: dataName, at: date)
    // Two runs may begin in one second.
    for number in 2...99 {
      do { return try .create(at: number == 2 ? path : "\(path)-\(number - 1)") } catch {
        guard case .exists = error else { throw error }
      }
    }
    return try .create(at: path)
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
        [name] + columns.map { $0.1[name].map { ProgressReport.fixed($0, digits: 4) } ?? "" })
    }
    let resident = summary.peakResidentBytes.map { "\($0 / 1_048_576) MiB" } ?? "unknown"
    return """
      \(table.text)
      best epoch     \(summary.bestEpoch)
      speed          \(Int(summary.trainingEventsPerSecond)) events/s
      first step     after \(ProgressReport.fixed(summary.secondsToFirstStep, digits: 2)) s
      peak memory    \(summary.peakDeviceBytes / 1_048_576) MiB of the device, \(resident) resident
      run            \(summary.run ?? "")

      """
  }
}
