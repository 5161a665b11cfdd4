import ArgumentParser
import Clseq
import ClseqBenchmarks
import Foundation

/// Measures attention.
struct BenchAttentionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention",
    abstract: "Measure causal attention on the lengths of a log, and the kernels in it.",
    discussion: """
      Output, and gradients of queries, keys and values, of one batch: of the U users with three events \
      or more it takes users 0, s, 2s, … with s = U / batch size. Without and with dropout. Rates \
      count the pairs of an event and one that it sees: two products forward, five backward.
      """)

  @Argument(help: "The log; without it, a generated one.", completion: .file()) var data: String?
  @Option(help: "Number of heads.") var heads = 2
  @Option(help: "Width of a head.") var headWidth = 32
  @Option(help: "Dropout of the second measurement.") var dropout = 0.2
  @Option(help: "Measured passes.") var steps = 30
  @OptionGroup(title: "Settings") var options: SettingOptions<BenchmarkAttentionSettings>

  func validate() throws {
    guard heads >= 1, headWidth >= 1, steps >= 1 else {
      throw ValidationError("--heads, --head-width and --steps must be at least 1")
    }
    guard dropout > 0, dropout < 1 else {
      throw ValidationError("--dropout is \(dropout), and must be above 0 and below 1")
    }
  }

  func run() throws {
    var settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    settings.data = try data?.asPath ?? ""
    let benchmark = AttentionBenchmark(
      heads: heads, width: headWidth, dropouts: [0, dropout],
      lengths: try settings.batchLengths())
    let backend = try settings.openBackendAndReport()
    settings.profile = true
    let report = try benchmark.report(
      on: backend, profiled: try settings.openBackendAndReport(), steps: steps)
    try Console.show(report, as: settings.format) { Self.text(of: report) }
  }

  private static func text(of report: AttentionBenchmark.Report) -> String {
    var table = TextTable(
      header: ["dropout", "pass", "ms", "low", "high", "GFLOP/s"],
      alignment: [.right, .left, .right, .right, .right, .right])
    for pass in report.passes {
      for (name, timing) in [
        ("forward", pass.forward), ("forward and backward", pass.both),
      ] {
        table.append(
          ["\(pass.dropout)", name]
            + [timing.milliseconds, timing.millisecondsLow, timing.millisecondsHigh].map {
              NumberText.fixed($0, digits: 3)
            } + [NumberText.fixed(timing.gflops, digits: 1)])
      }
    }
    let kernels = report.passes.map {
      "dropout \($0.dropout)\n\(TextTable(of: $0.kernels).text)\n"
    }
    return """
      \(kernels.joined())\(table.text)
      \(report.heads) heads of \(report.width), \(report.events) events of \(report.sequences) \
      sequences, \(report.pairs) pairs a head

      """
  }
}
