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
      users k, k + s, k + 2s, … with s = U / batch size. The peers' scripts take the same. Models rank next \
      items; one that weighs a history by a candidate (din) predicts clicks, whose labels are made up.
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
    var settings = try BenchmarkSettings.ofSteps(options.values)
    settings.data = try data?.asPath ?? ""
    let benchmark = StepBenchmark(
      settings.training, on: try settings.readDataset(needs: EventNeeds()),
      opening: { [settings] in try settings.with($0).openBackendAndReport() })
    let report = try benchmark.report(
      warmup: warmup, steps: steps, profiledSteps: profiledSteps)
    try Console.show(report, as: settings.format) { Self.text(of: report) }
  }

  private static func text(of report: StepBenchmark.Report) -> String {
    """
    \(TextTable(of: report.kernels).text)
    \(report.data), \(report.task): \(Int(report.eventsPerSecond)) events/s \
    (\(Int(report.eventsPerSecondLow)) to \(Int(report.eventsPerSecondHigh))), \
    \(NumberText.fixed(report.stepMilliseconds, digits: 1)) ms a step, \
    \(report.peakDeviceBytes / 1_048_576) MiB of the device at most

    """
  }
}
