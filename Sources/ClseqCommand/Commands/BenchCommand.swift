import ArgumentParser
import Clseq
import ClseqBenchmarks
import Foundation

/// Measures speed; `Scripts/bench` sets the figures beside those of peers.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract:
      "Measure reading, products, attention, recurrent layers, training steps, growth and k-means.",
    discussion: """
      Scripts/bench runs all of it beside PyTorch, JAX, OpenBLAS, CLBlast, Polars, pandas and DuckDB.
      """,
    subcommands: [
      BenchMatmulCommand.self, BenchAttentionCommand.self, BenchRecurrentCommand.self,
      BenchReadCommand.self, BenchStepCommand.self, BenchGrowthCommand.self,
      BenchClustersCommand.self,
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

/// What decides how fast a layer on the lengths of a log is, its widths aside.
enum BenchmarkLayerSettings: SettingSubset {
  static let paths: [any SettingPath] =
    [\.dataFormat, \.maxLength, \.batchSize] + BenchmarkDeviceSettings.paths
}

/// The same of attention, which is in float32 on every device.
enum BenchmarkAttentionSettings: SettingSubset {
  static let paths: [any SettingPath] = BenchmarkLayerSettings.paths(without: [\.precision])
}

/// What decides how a log alone is read, without sessions and tables.
enum BenchmarkReadSettings: SettingSubset {
  static let paths: [any SettingPath] = ReadingSettings.paths(without: [
    \.sessionGap, \.users, \.items, \.attributeKinds, \.cache,
  ])
}

/// The settings of measurements.
enum BenchmarkSettings {
  /// Those of steps of a model, with a task that it has, on items alone.
  static func ofSteps(_ options: [(key: String, text: String)]) throws -> ResolvedSettings {
    let model = options.last { $0.key == "model" }.flatMap { ModelChoice(rawValue: $0.text) }
    let task = model.map(StepBenchmark.task) ?? .nextItem
    return try SettingResolution(environment: ProcessInfo.processInfo.environment).standalone(
      options: [
        ("task", task.rawValue), ("inputs", "none"),
        ("split_by", SplitChoice.leaveOneOut.rawValue),
      ] + options)
  }
}

extension ResolvedSettings {
  /// The lengths of the sequences of a log's first numbered batch.
  func batchLengths() throws -> [Int] {
    let batch = NumberedBatches(
      try readDataset(), size: self.batchSize, maximumLength: self.maxLength)[0]
    return zip(batch.offsets.dropFirst(), batch.offsets).map { Int($0 - $1) }
  }
}

extension TextTable {
  /// The kernels of a measurement.
  init(of kernels: [KernelTime]) {
    self.init(header: ["kernel", "calls", "ms", "share", "GFLOP/s"])
    for row in kernels {
      append([
        row.kernel, "\(row.calls)", NumberText.fixed(row.milliseconds, digits: 3),
        "\(NumberText.fixed(100 * row.share, digits: 1)) %",
        row.gflops > 0 ? NumberText.fixed(row.gflops, digits: 1) : "",
      ])
    }
  }
}
