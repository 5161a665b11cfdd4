public import ArgumentParser
public import Clseq
import Foundation

/// Writes what a trained model says of the users of a log, or of its events.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Predict for the users, or the events, of a log.",
    discussion: """
      A model that ranks items gives the likeliest next ones of each user; one that was trained for \
      another task gives a line per user, for the time after the last event, or per event where it \
      predicts an outcome of each event (click). With --steps a model that ranks items predicts several \
      events of each user, one after another. The log is read as the run's own was, unless an \
      option says otherwise; users need not be known. Items that the model does not know are listed on standard \
      error.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"), completion: .directory)
  var directory: String
  @Argument(help: "The log or the dataset.", completion: .file()) var input: String
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A new file to write, - for standard output (the default).", valueName: "file"),
    completion: .file())
  var output: String?
  @Option(
    help: ArgumentHelp(
      "What is written (default: by the output's name, else csv).",
      valueName: PredictionFormat.allCases.map(\.rawValue).joined(separator: "|")))
  var outputFormat: PredictionFormat?
  @OptionGroup var question: QuestionOptions
  @Flag(
    help: ArgumentHelp(
      "Add the true outcomes that the log has, and the part of the run's split.",
      discussion: "The columns truth and part: training, validation, test, or none of another log.")
  )
  var withTruth = false
  @OptionGroup var ranking: RankingOptions
  @Option(
    help: ArgumentHelp("The only items that are ranked, an id a line.", valueName: "file"),
    completion: .file())
  var allow: String?
  @Option(
    help: ArgumentHelp("Items that are not ranked, an id a line.", valueName: "file"),
    completion: .file())
  var deny: String?
  @Flag(help: "Correct probabilities by the curve that evaluate --calibrate has kept with the run.")
  var calibrated = false
  @OptionGroup(title: "Several next events") var generation: GenerationOptions
  @OptionGroup(title: "Settings") var options: SettingOptions<PredictionSettings>

  func run() throws {
    let layout = try RunLayout.existing(at: directory)
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .use(of: layout, data: input, options: options.values)
    // Before the work: an error of the output's name must not come after it.
    let output = self.output.flatMap { WholeFile.isStandardOutput($0) ? nil : $0 }
    let file = try output.map { path throws(FileError) in
      try WholeFile(path, whereTaken: .isRefused)
    }
    let run = try TrainedRun(layout, settings: settings.training, given: settings.given)
    ranking.warnWhereIdle([("--allow", allow != nil), ("--deny", deny != nil)], settings)
    generation.warnWhereIdle(
      [("--top", ranking.top != nil), ("--calibrated", calibrated)], settings)
    Console.warnOfIdleOptions(settings)
    Console.warnOfIdleUsers(run, withTruth: withTruth, settings)
    let request = ranking.request(
      allowed: try allow.map { try run.items(inFile: $0, mayBeEmpty: false) },
      denied: try deny.map { try run.items(inFile: $0, mayBeEmpty: true) }, settings)
    let steps = generation.request(choosing: request, seed: settings.seed)
    try steps.map(run.requireGeneration)
    let data = try settings.readDataset(for: run, question, withTruth: withTruth)
    let truths = try withTruth ? KnownTruths(run, of: data) : nil
    for note in truths?.notes ?? [] { Console.warn(note, settings) }
    var backend: Backend?
    let progress = ProgressReport(settings)
    let model = try run.predictor(for: data, progress: progress.handler) {
      let opened = try settings.openBackendAndReport()
      backend = opened
      return opened
    }
    progress.end()
    if calibrated, steps == nil {
      guard let trained = model as? TrainedModel else {
        throw SettingsError.doNotFit(
          "\(settings.model.rawValue) ranks items and gives no probabilities: leave --calibrated out"
        )
      }
      let calibration = try RunCalibration.of(layout)
      trained.calibration = calibration
      Console.note("probabilities are calibrated: \(calibration.text)", settings)
    }
    let records = PredictionRecords(run, of: data, truths: truths)
    let lines = PredictionLines(
      format: outputFormat ?? output.flatMap(PredictionFormat.init(path:)) ?? .csv, file: file)
    let rest = ProgressReport(settings)
    if let steps, let model = model as? TrainedModel {
      try lines.begin(records.generatedNames)
      try model.generate(steps, progress: rest.handler) { try lines.add(records.records(of: $0)) }
    } else {
      try lines.begin(records.names)
      try model.predict(request, progress: rest.handler) { try lines.add(records.records(of: $0)) }
    }
    try lines.finish()
    try backend?.context?.profile.map { Console.note(table: try ProfileTable.text($0)) }
    Console.note(
      "\(counted(lines.count, "line")) for \(counted(data.dataset.userCount, "user"))"
        + (output.map { " in \($0)" } ?? ""), settings)
  }
}

extension PredictionFormat: ExpressibleByArgument {}
