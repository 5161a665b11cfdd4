import ClseqRandom

/// What a figure would be on other users like these: users are drawn again, with replacement.
///
/// ```swift
/// let values = NDCG(at: 10).values(ranks: ranks)
/// Bootstrap(seed: 1).interval(ofMean: values)
/// ```
///
/// Intervals are percentiles of the resamples' figures (Efron and Tibshirani, An Introduction to
/// the Bootstrap, 1993, chapter 13). The draws follow from the seed, the resample and the place in
/// it alone, so equal inputs give equal intervals.
public struct Bootstrap: Sendable, Equatable {
  /// How many times the users are drawn.
  public let resampleCount: Int
  /// The confidence of intervals.
  public let level: Double
  /// Where the draws follow from.
  public let seed: UInt64

  /// - Parameters:
  ///   - resampleCount: At least 1; a thousand give bounds that a table can show.
  ///   - level: Above 0 and below 1.
  ///   - seed: The seed.
  public init(resampleCount: Int = 1_000, level: Double = 0.95, seed: UInt64) {
    precondition(resampleCount >= 1, "\(resampleCount) resamples: at least 1")
    precondition(level > 0 && level < 1, "confidence \(level) is not between 0 and 1")
    self.resampleCount = resampleCount
    self.level = level
    self.seed = seed
  }

  /// The interval of a mean; nil if there is no value.
  public func interval(ofMean values: [Double]) -> ConfidenceInterval? {
    ConfidenceInterval(percentilesOf: means(of: values), level: level)
  }

  /// The interval of any statistic, such as an ``AUC``.
  ///
  /// - Parameters:
  ///   - count: The number of cases; users, where a user has several.
  ///   - statistic: The figure for these cases, from 0, some of them several times. Where it is nil
  ///     the resample is left out.
  /// - Returns: Nil if there is no case or never a figure.
  public func interval(
    count: Int, of statistic: (_ sample: [Int]) -> Double?
  ) -> ConfidenceInterval? {
    ConfidenceInterval(percentilesOf: figures(count: count, of: statistic), level: level)
  }

  /// Compares two systems by the values that each has for the same users, in the same order.
  ///
  /// The p-value is twice the smaller share of resamples whose mean difference is on one side of
  /// zero or at it, the sample itself counted among them (Efron and Tibshirani 1993, section 15.4;
  /// Davison and Hinkley, Bootstrap Methods and their Application, 1997, equation 4.11).
  ///
  /// - Returns: Nil if there is no value.
  public func difference(_ first: [Double], _ second: [Double]) -> PairedDifference? {
    precondition(
      first.count == second.count,
      "paired bootstrap of \(first.count) values and \(second.count) values")
    let differences = zip(first, second).map { $0 - $1 }
    let means = means(of: differences)
    guard let interval = ConfidenceInterval(percentilesOf: means, level: level) else { return nil }
    let fewest = min(means.count { $0 <= 0 }, means.count { $0 >= 0 })
    return PairedDifference(
      count: differences.count, mean: differences.reduce(0, +) / Double(differences.count),
      interval: interval, pValue: min(1, 2 * Double(fewest + 1) / Double(means.count + 1)))
  }

  private func means(of values: [Double]) -> [Double] {
    figures(count: values.count) { sample in
      sample.reduce(0) { $0 + values[$1] } / Double(values.count)
    }
  }

  /// The figure of each resample that has one.
  private func figures(count: Int, of statistic: (_ sample: [Int]) -> Double?) -> [Double] {
    guard count > 0 else { return [] }
    var sample = [Int](repeating: 0, count: count)
    return (0..<resampleCount).compactMap { resample in
      let random = CounterRandom(seed: seed, Self.purpose, UInt64(resample))
      for place in 0..<count { sample[place] = random.integer(below: count, UInt64(place)) }
      return statistic(sample)
    }
  }

  /// The name of the stream of random numbers.
  private static let purpose: UInt64 = 0x626F_6F74_7374_7261
}
