import ClseqBase
import ClseqRuns

/// One training with several seeds: how much of a figure is luck.
public struct SeedReport: Encodable, Sendable {
  /// Path of the folder of the runs.
  public let run: String
  /// The seeds, in the order of the runs.
  public let seeds: [UInt64]
  /// Paths of the runs.
  public let runs: [String]
  /// Figures on the validation, by name.
  public let validation: [String: Spread]
  /// Figures on the test, by name.
  public let test: [String: Spread]

  /// Mean, standard deviation of a sample, and the figure of each seed.
  public struct Spread: Encodable, Equatable, Sendable {
    /// The mean.
    public let mean: Double
    /// The standard deviation of a sample; nil of one figure.
    public let deviation: Double?
    /// The figure of each seed.
    public let values: [Double]

    private enum CodingKeys: String, CodingKey {
      case mean, values
      case deviation = "standard_deviation"
    }

    /// The spread of figures.
    public init(_ values: [Double]) {
      self.values = values
      let mean = values.reduce(0, +) / Double(max(1, values.count))
      self.mean = mean
      let squares = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
      deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
    }

    /// `0.0975 ± 0.0063`.
    public var text: String {
      let mean = NumberText.fixed(mean, digits: 4)
      return deviation.map { "\(mean) ± \(NumberText.fixed($0, digits: 4))" } ?? mean
    }
  }
}

extension Sweep {
  /// Trains once with each seed, in runs `seed-1`, ….
  ///
  /// - Throws: ``TrainingInterrupted``, and what reading and training throw.
  public mutating func report(ofSeeds seeds: [UInt64]) throws -> SeedReport {
    var records: [RunRecord] = []
    for seed in seeds {
      records.append(try record(of: "seed-\(seed)", changing: [("seed", "\(seed)")]))
    }
    return SeedReport(
      run: folder, seeds: seeds, runs: records.map(\.path),
      validation: Self.spreads(records.map(\.validation)),
      test: Self.spreads(records.map(\.test)))
  }

  private static func spreads(_ scores: [[String: Double]]) -> [String: SeedReport.Spread] {
    let names = scores.first.map { Array($0.keys) } ?? []
    return Dictionary(
      uniqueKeysWithValues: names.map { name in
        (name, SeedReport.Spread(scores.compactMap { $0[name] }))
      })
  }
}
