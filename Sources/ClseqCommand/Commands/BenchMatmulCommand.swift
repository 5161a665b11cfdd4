import ArgumentParser
import Clseq
import ClseqBenchmarks
import Foundation

/// Measures products.
struct BenchMatmulCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "matmul", abstract: "Measure products of matrices.",
    discussion: """
      A shape is LAYOUT:MxNxK, as nt:25600x192x64. nt is C = A[M,K] B[N,K]ᵀ, nn is \
      C = A[M,K] B[K,N], tn is C = A[K,M]ᵀ B[K,N]. A fourth size, as in \
      nt:16x16x64x8192, is a number of such products, computed as one batch.
      """)

  @Argument(help: ArgumentHelp("What to multiply.", valueName: "shape"), transform: Self.shape)
  var shapes: [NamedShape]
  @OptionGroup(title: "Settings") var options: SettingOptions<BenchmarkDeviceSettings>

  func run() throws {
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    let report = try MatmulBenchmark(on: try settings.openBackendAndReport()).report(shapes)
    try Console.show(report, as: settings.format) {
      var table = TextTable(header: ["shape", "ms", "GFLOP/s", "at best"])
      for row in report.shapes {
        table.append([
          row.shape, NumberText.fixed(row.milliseconds, digits: 3),
          NumberText.fixed(row.gflops, digits: 1),
          NumberText.fixed(row.bestGflops, digits: 1),
        ])
      }
      return table.text
    }
  }

  private static func shape(_ text: String) throws -> NamedShape {
    guard let shape = NamedShape(text) else {
      throw ValidationError("expected a shape like nt:25600x192x64, not '\(text)'")
    }
    return shape
  }
}
