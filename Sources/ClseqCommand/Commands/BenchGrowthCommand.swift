import ArgumentParser
import Clseq
import ClseqBenchmarks
import Foundation

/// Measures how a training step grows.
struct BenchGrowthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "growth",
    abstract: "Measure training steps over numbers of items, lengths and numbers of events.")

  @Option(help: "About how many events a batch has.") var events = 12_800
  @Option(help: "Measured steps of each row.") var steps = 3
  @OptionGroup(title: "Settings") var options: SettingOptions<BenchmarkModelSettings>

  func validate() throws {
    guard events >= 1, steps >= 1 else {
      throw ValidationError("--events and --steps must be at least 1")
    }
  }

  func run() throws {
    let settings = try BenchmarkSettings.ofSteps(options.values)
    let report = try GrowthBenchmark(
      settings.training, opening: { try settings.with($0).openBackendAndReport() }
    ).report(events: events, steps: steps) {
      Console.note(
        "\($0.items) items, length \($0.length): \(Int($0.eventsPerSecond)) events/s", settings)
    }
    try Console.show(report, as: settings.format) { Self.text(of: report) }
  }

  private static func text(of report: GrowthBenchmark.Report) -> String {
    var table = TextTable(header: [
      "items", "length", "events", "events/s", "ms a step", "peak MiB", "attention", "loss",
    ])
    for row in report.rows {
      table.append([
        "\(row.items)", "\(row.length)", "\(row.events)", "\(Int(row.eventsPerSecond))",
        NumberText.fixed(row.stepMilliseconds, digits: 1),
        "\(row.peakDeviceBytes / 1_048_576)",
        "\(NumberText.fixed(100 * row.attentionShare, digits: 1)) %",
        "\(NumberText.fixed(100 * row.lossShare, digits: 1)) %",
      ])
    }
    return table.text
  }
}
