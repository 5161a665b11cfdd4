import ArgumentParser
import Clseq
import ClseqBenchmarks
import Foundation

/// Measures k-means.
struct BenchClustersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clusters",
    abstract: "Measure grouping the vectors of a NumPy file by k-means, as 'clseq cluster' does.",
    discussion: """
      Time is counted from vectors in memory to the group of each. The inertia is the sum of squared distances \
      to the centres.
      """)

  @Argument(help: "A matrix of vectors, .npy of float32 or float64.", completion: .file())
  var vectors: String
  @Option(help: "Number of groups.") var k = 100
  @Option(help: "Measured runs.") var rounds = 3
  @OptionGroup(title: "Settings") var options: SettingOptions<BenchmarkClusterSettings>

  func validate() throws {
    guard k >= 1, rounds >= 1 else {
      throw ValidationError("--k and --rounds must be at least 1")
    }
  }

  func run() throws {
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    let file = try NumPyFile(path: vectors.asPath)
    guard k <= file.rowCount else {
      throw ValidationError("--k is \(k), and \(vectors) has \(file.rowCount) vectors")
    }
    guard file.values.allSatisfy(\.isFinite) else {
      throw DataError.unsupported(path: try vectors.asPath, reason: "vectors that are not finite")
    }
    let benchmark = ClusterBenchmark(file, count: k, seed: settings.training.seed)
    let report = try benchmark.report(on: try settings.openBackendAndReport(), rounds: rounds)
    try Console.show(report, as: settings.format) {
      """
      \(report.vectors) vectors of \(report.width) numbers in \(report.clusters) groups: \
      \(NumberText.fixed(report.seconds, digits: 3)) s \
      (\(NumberText.fixed(report.secondsLow, digits: 3)) to \
      \(NumberText.fixed(report.secondsHigh, digits: 3))), inertia \(report.inertia)

      """
    }
  }
}

/// What decides where vectors are grouped, and around which centres.
enum BenchmarkClusterSettings: SettingSubset {
  static let paths: [any SettingPath] = [\.seed] + BenchmarkDeviceSettings.paths
}
