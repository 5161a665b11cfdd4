import ArgumentParser
import Clseq
import ClseqBenchmarks
import Foundation

/// Measures training steps on a log.
struct BenchStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step", abstract: "Measure training steps on a log, and the kernels in them.",
    discussion: """
      Batches are named by number alone: of the U users with three events or more, batch k takes \
      users k, k + s, k + 2s, … with s = U / batch size. The peers' scripts take the same.
      """)

  @Argument(help: "The log; without it, a generated one.", completion: .file()) var data: String?
  @Option(help: "Steps before the clock starts.") var warmup = 3
  @Option(help: "Measured steps.") var steps = 30
  @Option(help: "Further steps for the table of kernels.") var profiledSteps = 5
  @OptionGroup(title: "Settings") var options: SettingOptions<BenchmarkStepSettings>

  func validate() throws {
    guard warmup >= 0, steps >= 1, profiledSteps >= 0 else {
      throw ValidationError("--steps must be at least 1, --warmup and --profiled-steps at least 0")
    }
  }

  func run() throws {
    var settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    settings.data = data ?? ""
    let benchmark = StepBenchmark(
      settings.training, on: try settings.readDataset(),
      opening: { [settings] in try settings.with($0).openBackendAndReport() })
    let report = try benchmark.report(
      warmup: warmup, steps: steps, profiledSteps: profiledSteps)
    try Console.show(report, as: settings.format) { Self.text(of: report) }
  }

  private static func text(of report: StepBenchmark.Report) -> String {
    var table = TextTable(header: ["kernel", "calls", "ms", "share", "GFLOP/s"])
    for row in report.kernels {
      table.append([
        row.kernel, "\(row.calls)", NumberText.fixed(row.milliseconds, digits: 3),
        "\(NumberText.fixed(100 * row.share, digits: 1)) %",
        row.gflops > 0 ? NumberText.fixed(row.gflops, digits: 1) : "",
      ])
    }
    return """
      \(table.text)
      \(report.data): \(Int(report.eventsPerSecond)) events/s \
      (\(Int(report.eventsPerSecondLow)) to \(Int(report.eventsPerSecondHigh))), \
      \(NumberText.fixed(report.stepMilliseconds, digits: 1)) ms a step, \
      \(report.peakDeviceBytes / 1_048_576) MiB of the device at most

      """
  }
}
