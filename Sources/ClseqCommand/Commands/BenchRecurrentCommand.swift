import ArgumentParser
import Clseq
import ClseqBenchmarks
import Foundation

/// Measures recurrent layers.
struct BenchRecurrentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recurrent",
    abstract: "Measure training a recurrent layer on the lengths of a log, and the kernels in it.",
    discussion: """
      Output, and gradients of the input and all weights, of one batch: of the U users with three \
      events or more it takes users 0, s, 2s, … with s = U / batch size.
      """)

  @Argument(help: "The log; without it, a generated one.", completion: .file()) var data: String?
  @Option(help: "lstm, gru, or scan: the linear recurrence alone.", transform: Self.layer)
  var cell = RecurrentBenchmark.Layer.lstm
  @Option(help: "Width of the input of lstm and gru.") var inputs = 64
  @Option(help: "Width of the state; of a scan its complex channels.") var width = 128
  @Option(help: "Measured passes.") var steps = 30
  @OptionGroup(title: "Settings") var options: SettingOptions<BenchmarkLayerSettings>

  func validate() throws {
    guard inputs >= 1, width >= 1, steps >= 1 else {
      throw ValidationError("--inputs, --width and --steps must be at least 1")
    }
  }

  func run() throws {
    var settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    settings.data = try data?.asPath ?? ""
    let benchmark = RecurrentBenchmark(
      cell, inputs: inputs, hidden: width, lengths: try settings.batchLengths())
    let backend = try settings.openBackendAndReport()
    settings.profile = true
    let report = try benchmark.report(
      on: backend, profiled: try settings.openBackendAndReport(), steps: steps)
    try Console.show(report, as: settings.format) { Self.text(of: report) }
  }

  private static func text(of report: RecurrentBenchmark.Report) -> String {
    """
    \(TextTable(of: report.kernels).text)
    \(report.cell) \(report.inputs) → \(report.hidden), \(report.events) events of \
    \(report.sequences) sequences: \(NumberText.fixed(report.milliseconds, digits: 1)) ms \
    (\(NumberText.fixed(report.millisecondsLow, digits: 1)) to \
    \(NumberText.fixed(report.millisecondsHigh, digits: 1))), \
    \(NumberText.fixed(report.gflops, digits: 1)) GFLOP/s

    """
  }

  private static func layer(_ text: String) throws -> RecurrentBenchmark.Layer {
    guard let layer = RecurrentBenchmark.Layer(rawValue: text) else {
      throw ValidationError("expected lstm, gru or scan, not '\(text)'")
    }
    return layer
  }
}
