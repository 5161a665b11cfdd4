import Clseq
import ClseqTraining
import Foundation

/// One training with several seeds: how much of a figure is luck.
struct SeedSweep {
  private let seeds: [UInt64]
  private let sweep: Sweep

  init(_ seeds: [UInt64], _ call: TrainingCall, _ resolution: SettingResolution) throws {
    self.seeds = seeds
    sweep = try Sweep("seeds", call, resolution)
  }

  /// What is printed as JSON: figures by name.
  private struct Report: Encodable {
    let run: String
    let seeds: [UInt64]
    let runs: [String]
    let validation: [String: Spread]
    let test: [String: Spread]
  }

  /// Mean, standard deviation of a sample, and the figure of each seed.
  struct Spread: Encodable, Equatable {
    let mean: Double
    let deviation: Double?
    let values: [Double]

    private enum CodingKeys: String, CodingKey {
      case mean, values
      case deviation = "standard_deviation"
    }

    init(_ values: [Double]) {
      self.values = values
      let mean = values.reduce(0, +) / Double(max(1, values.count))
      self.mean = mean
      let squares = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
      deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
    }

    /// `0.0975 ± 0.0063`.
    var text: String {
      let mean = NumberText.fixed(mean, digits: 4)
      return deviation.map { "\(mean) ± \(NumberText.fixed($0, digits: 4))" } ?? mean
    }
  }

  func run() throws {
    var sweep = sweep
    let records = try seeds.map { seed in
      try sweep.record(of: "seed-\(seed)", changing: [("seed", "\(seed)")])
    }
    let report = Report(
      run: sweep.folder, seeds: seeds, runs: records.map(\.path),
      validation: Self.spreads(records.map(\.validation)),
      test: Self.spreads(records.map(\.test)))
    try Console.show(report, as: try sweep.settings.format) { Self.text(of: report) }
  }

  private static func spreads(_ scores: [[String: Double]]) -> [String: Spread] {
    let names = scores.first.map { Array($0.keys) } ?? []
    return Dictionary(
      uniqueKeysWithValues: names.map { name in (name, Spread(scores.compactMap { $0[name] })) })
  }

  private static func text(of report: Report) -> String {
    var table = TextTable(
      header: ["metric", "validation", "test"] + report.seeds.map { "seed \($0)" })
    for (name, test) in report.test.sorted(by: {
      $0.key.compare($1.key, options: .numeric) == .orderedAscending
    }) {
      table.append(
        [name, report.validation[name]?.text ?? "", test.text]
          + test.values.map { NumberText.fixed($0, digits: 4) })
    }
    return "\(table.text)\nruns  \(report.run)\n"
  }
}
