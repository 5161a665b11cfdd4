import ArgumentParser
import Clseq
import ClseqBenchmarks
import Foundation

/// Measures reading.
struct BenchReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Measure reading a log to its end, on one thread.",
    discussion: """
      Users, items and event types are numbered, times and numbers parsed; nothing is kept of the \
      events. Bytes are those of the text, decompressed.
      """)

  @Argument(help: "The log.", completion: .file()) var log: String
  @OptionGroup(title: "Reading") var options: SettingOptions<BenchmarkReadSettings>

  func run() throws {
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    let report = try ReadBenchmark(
      path: log.asPath, options: settings.training.readingOptions()
    ).report()
    try Console.show(report, as: settings.format) {
      """
      \(report.bytes) bytes, \(report.events) events in \
      \(NumberText.fixed(report.seconds, digits: 3)) s: \
      \(NumberText.fixed(report.megabytesPerSecond, digits: 1)) MB/s, \
      \(Int(Double(report.events) / report.seconds)) events/s

      """
    }
  }
}
