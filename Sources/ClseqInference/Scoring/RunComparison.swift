public import ClseqData
public import ClseqMetrics
public import ClseqRuns
public import ClseqSettings

/// A figure of two runs over the same cases, and how sure the difference is.
public struct FigureDifference: Sendable {
  /// The name of the figure.
  public let name: String
  /// That of the first run; not a number where it is not defined.
  public let first: Double
  /// That of the second.
  public let second: Double
  /// The first minus the second, with its interval; nil where it is not defined.
  public let difference: PairedDifference?
}

extension ScoredCases {
  /// The figures of two runs and their differences, by paired bootstrap over users.
  ///
  /// - Parameters:
  ///   - first: The cases of each task, with the answers of the first run.
  ///   - second: The same cases with those of the second.
  ///   - seed: Where the draws follow from.
  /// - Throws: `SettingsError/doNotFit(_:)` where the cases are not the same.
  public static func differences(
    _ first: [ScoredCases], _ second: [ScoredCases], seed: UInt64
  ) throws(SettingsError) -> [FigureDifference] {
    guard first.count == second.count,
      zip(first, second).allSatisfy({ $0.hasTheSameCases(as: $1) })
    else {
      throw .doNotFit("the runs have targets for unlike events or users")
    }
    return zip(first, second).flatMap { one, other in
      let (left, right) = (one.figures, other.figures)
      let bootstrap = Bootstrap(seed: seed, caseCount: 2 * one.count)
      let differences = bootstrap.differences(left.map(\.figure), right.map(\.figure))
      return left.indices.map {
        FigureDifference(
          name: left[$0].name, first: left[$0].figure.value ?? .nan,
          second: right[$0].figure.value ?? .nan, difference: differences[$0])
      }
    }
  }
}

/// The cases of a part of a scored run, apart from the run, which need not be held.
public struct ScoredPart: Sendable {
  /// Path of the run directory.
  public let run: String
  /// The part that is scored.
  public let part: Split.Part
  /// The protocol of the scores.
  public let passport: Passport
  /// How large the model is; nil of a baseline.
  public let size: ModelSize?
  /// The cases of each task.
  public let cases: [ScoredCases]

  /// Scores a part of a run.
  ///
  /// - Parameters:
  ///   - scored: The run.
  ///   - path: Path of the run directory.
  ///   - part: The part to score.
  /// - Throws: What scoring can throw.
  public init(_ scored: ScoredRun, at path: String, _ part: Split.Part) throws {
    (run, self.part, passport, size) = (path, part, scored.passport, scored.size)
    cases = try scored.cases(of: part)
  }
}

/// The figures of two runs and their differences, user by user.
public struct RunComparison: Encodable, Sendable {
  /// A figure of both runs.
  public struct Row: Encodable, Sendable {
    /// Name of the figure.
    public let metric: String
    /// That of the first run.
    public let first: Double
    /// That of the second run.
    public let second: Double
    /// The first minus the second.
    public let difference: Double
    /// Lower and upper bound of the difference, with 95 % confidence.
    public let interval: [Double]
    /// Probability of a difference as large where there is none; two-sided.
    public let pValue: Double

    private enum CodingKeys: String, CodingKey {
      case metric, first, second, difference, interval
      case pValue = "p_value"
    }
  }

  /// Paths of both run directories.
  public let runs: [String]
  /// How large their models are; nil of a baseline.
  public let sizes: [ModelSize?]
  /// The part that is scored.
  public let split: String
  /// The number of users.
  public let users: Int
  /// The figures whose difference is defined.
  public let rows: [Row]

  /// Compares two runs by paired bootstrap over users.
  ///
  /// - Parameters:
  ///   - first: A part of a run.
  ///   - second: The same part of another run.
  ///   - seed: Seed of the draws.
  /// - Throws: `PassportMismatch` for runs of unlike protocols, `SettingsError.doNotFit(_:)`
  /// where the
  ///   cases are not the same.
  public init(_ first: ScoredPart, _ second: ScoredPart, seed: UInt64) throws {
    try first.passport.requireComparable(to: second.passport)
    runs = [first.run, second.run]
    sizes = [first.size, second.size]
    split = first.part.rawValue
    users = first.cases.map(\.userCount).max() ?? 0
    rows = try ScoredCases.differences(first.cases, second.cases, seed: seed).compactMap { figure in
      guard let difference = figure.difference else { return nil }
      return Row(
        metric: figure.name, first: figure.first, second: figure.second,
        difference: difference.value,
        interval: [difference.interval.lower, difference.interval.upper],
        pValue: difference.pValue)
    }
  }
}
