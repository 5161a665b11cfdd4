public import ClseqMetrics
public import ClseqSettings

/// A figure of two runs over the same cases, and how sure the difference is.
public struct FigureDifference: Sendable {
  /// The name of the figure.
  public let name: String
  /// That of the first run; not a number where it is not defined.
  public let first: Double
  /// That of the second.
  public let second: Double
  /// The first less the second, with its interval; nil where it is not defined.
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
      zip(first, second).allSatisfy({ $0.asksTheSame(as: $1) })
    else {
      throw .doNotFit("the runs are not asked about the same events or users")
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
