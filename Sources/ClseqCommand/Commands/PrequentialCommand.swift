import ArgumentParser
import Clseq
import ClseqBase
import ClseqTraining
import Foundation

/// Scores continued learning period by period.
struct PrequentialCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prequential",
    abstract: "Score a model on each day or week of a log before it is trained on it.",
    discussion: """
      For each period from the second on, three models rank its events: that of the period before, that \
      model trained further on the period before (as with `clseq train --continue`), and one that is trained \
      anew on all events so far. NDCG@10 is the mean over events, each after all events of its user before \
      it; users with events before the period are old, others new. Of each user the last event before a \
      period is the validation target. Other settings are those of `clseq train`; those of the split have no \
      effect. The runs stand in the folder of --run, in which the last one remains.
      """)

  @OptionGroup var training: TrainingOptions
  @Option(help: ArgumentHelp("Length of a period, such as 1d or 7d.", valueName: "duration"))
  var every = "7d"
  @Option(
    help: ArgumentHelp(
      "Start of the first period: a day, a time or a share of events. It is trained on and not scored.",
      valueName: "time|share"))
  var from = "50%"
  @Flag(help: "Train no models anew.") var noScratch = false

  func run() throws {
    guard let seconds = DurationText.seconds(every) else {
      throw ValidationError("--every is '\(every)', and must be \(DurationText.expected)")
    }
    guard let start = TimePoint(from) else {
      throw ValidationError("--from is '\(from)', and must be \(TimePoint.expected)")
    }
    let resolution = SettingResolution(environment: ProcessInfo.processInfo.environment)
    let settings = try resolution.training(training.request.without(["run"]))
    let folder = training.request.options.last { $0.key == "run" }?.text
    let dataset = try settings.readDataset()
    var evaluation = try PrequentialEvaluation(
      settings, dataset, from: start, every: seconds,
      in: folder
        ?? RunLayout.defaultPath(model: "prequential", data: dataset.source.name, at: Date()))
    guard !FileManager.default.fileExists(atPath: evaluation.folder) else {
      throw RunDirectoryError.exists(path: evaluation.folder)
    }
    evaluation.hasScratch = !noScratch
    evaluation.openBackend = {
      // Trainings are silent, and so are their kernels.
      defer { KernelWait.end() }
      return try settings.openBackendAndReport()
    }
    evaluation.isInterrupted = { Interrupt.signal != nil }
    evaluation.onPeriod = { period in
      let scratch = period.scratch.map { ", \(Self.text($0.all)) anew" } ?? ""
      Console.note(
        "\(period.from): NDCG@10 \(Self.text(period.earlier.all)) before, "
          + "\(Self.text(period.continued.all)) continued\(scratch)", settings)
    }
    Interrupt.install()
    Console.note(
      "\(counted(evaluation.periods.count, "period")) of \(every) from "
        + TimeText.iso8601(evaluation.periods[0].lowerBound), settings)
    let report = try Interruption.mapped(advice: "remove \(evaluation.folder) and begin again") {
      try evaluation.report()
    }
    try Console.show(report, as: settings.format) { Self.text(of: report) }
  }

  private static func text(_ value: Double?) -> String {
    value.map { NumberText.fixed($0, digits: 4) } ?? "-"
  }

  /// A row for each period and one for all.
  private static func text(of report: PrequentialReport) -> String {
    let hasScratch = report.total.scratch != nil
    let models = ["before", "continued"] + (hasScratch ? ["anew"] : [])
    var table = TextTable(
      header: ["from", "old events", "new events"]
        + models.flatMap { ["\($0): old", "new"] }
        + models.dropFirst().map { "\($0): s" })
    for (period, name) in report.periods.map({ ($0, $0.from) }) + [(report.total, "all")] {
      let scores = [period.earlier, period.continued] + [period.scratch].compactMap { $0 }
      table.append(
        [name, "\(period.oldEvents)", "\(period.newEvents)"]
          + scores.flatMap { [text($0.old), text($0.new)] }
          + scores.dropFirst().map {
            $0.seconds.map { NumberText.fixed($0, digits: 1) } ?? "-"
          })
    }
    return "\(table.text)\nrun  \(report.run)\n"
  }
}
