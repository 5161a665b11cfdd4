import ArgumentParser
import Clseq
import ClseqTraining
import Foundation

/// Makes a page about a run.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Make a page about a run: curves, scores, protocol, settings.",
    discussion: """
      One HTML file that needs nothing else. The best checkpoint is scored again on the run's own \
      log; where that cannot be, the page says why and has what the run directory holds.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run")) var directory: String
  @Option(
    help: ArgumentHelp(
      "A new file for the page (default: RUN/report.html, which is replaced).", valueName: "file"))
  var output: String?
  @Option(help: "The part of the split to score.")
  var part = Split.Part.test
  @OptionGroup(title: "Settings") var options: SettingOptions<EvaluationSettings>

  /// What was made, for JSON.
  private struct Made: Encodable {
    let run: String
    let report: String
    let split: String
    let lacking: String?
  }

  func run() throws {
    let layout = try RunLayout.existing(at: directory)
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .finished(layout, options: options.values)
    if let output { try WholeFile.requireAbsent(output) }
    Console.warnOfIdleOptions(settings)
    // The page does without a log that is gone, but a table of this call must be right.
    if !settings.given.isDisjoint(with: ["users", "items", "attribute_kinds"]) {
      try settings.training.attributeFiles().check(settings.training.readingOptions())
    }
    let report = try RunReport(layout, settings.training, part) {
      try settings.scoredRun(layout, dataset: settings.training.loadDataset())
    }
    let page = ReportPage(report).html
    let path = output ?? layout.reportPath
    if output == nil {
      try DurableFiles.write(Array(page.utf8), to: path)
    } else {
      let file = try WholeFile(path, whereTaken: .isRefused)
      try file.append(page)
      try file.finish()
    }
    if let obstacle = report.obstacle, !settings.quiet {
      Console.warn("the run cannot be scored, and the page says so: \(obstacle)")
    }
    let made = Made(
      run: directory, report: path, split: part.rawValue, lacking: report.obstacle)
    try Console.show(made, as: settings.format) { "report  \(path)\n" }
  }
}
