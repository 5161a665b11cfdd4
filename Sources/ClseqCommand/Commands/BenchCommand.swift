import ArgumentParser
import Clseq

/// Measures speed; `Scripts/bench` sets the figures beside those of peers.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure reading, products, recurrent layers, training steps and growth.",
    discussion: """
      Scripts/bench runs all of it beside PyTorch, JAX, OpenBLAS, CLBlast, Polars, pandas and DuckDB.
      """,
    subcommands: [
      BenchMatmulCommand.self, BenchRecurrentCommand.self, BenchReadCommand.self,
      BenchStepCommand.self, BenchGrowthCommand.self,
    ])
}

/// What decides where a measurement runs and how it is shown.
enum BenchmarkDeviceSettings: SettingSubset {
  static let paths: [any SettingPath] =
    [\.device, \.tuning, \.precision, \.storage, \.memory, \.kernels] + OutputSettings.paths
}

/// What decides how fast a model's training step is, sizes of the batch aside.
enum BenchmarkModelSettings: SettingSubset {
  static let paths: [any SettingPath] =
    [\.model] + Setting.all.filter(\.isOfModels).map(\.path) + [
      \.loss, \.negatives, \.negativeSharing, \.negativeSampling, \.calibration, \.optimizer,
      \.seed,
    ] + BenchmarkDeviceSettings.paths
}

/// What decides how fast a training step on a log is.
enum BenchmarkStepSettings: SettingSubset {
  static let paths: [any SettingPath] =
    [\.dataFormat, \.maxLength, \.batchSize] + BenchmarkModelSettings.paths
}

/// What decides how fast a recurrent layer on the lengths of a log is, its widths aside.
enum BenchmarkRecurrentSettings: SettingSubset {
  static let paths: [any SettingPath] =
    [\.dataFormat, \.maxLength, \.batchSize] + BenchmarkDeviceSettings.paths
}
