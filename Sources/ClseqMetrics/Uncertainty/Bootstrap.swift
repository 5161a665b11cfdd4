import ClseqBase

/// The bootstrap: the distribution of a figure over samples of users, drawn with replacement.
///
/// ```swift
/// let values = NDCG(at: 10).values(ranks: ranks)
/// Bootstrap(seed: 1).interval(ofMean: values)
/// ```
///
/// A user's cases are drawn together, since they are not independent: for a ``UserFigure`` a
/// resample is the number of times that each user was drawn, and one draw serves all figures of a
/// table.
///
/// Intervals are percentiles of the resamples' figures (Efron and Tibshirani, An Introduction to
/// the Bootstrap, 1993, chapter 13); a figure with a bias, such as ``CalibrationError``, has
/// ``UserFigure/bounds(_:)`` of its own. The draws are a function of the seed, the resample and the
/// position in it alone, so equal inputs give equal intervals.
public struct Bootstrap: Sendable, Equatable {
  /// The number of resamples.
  public let resampleCount: Int
  /// The confidence of intervals.
  public let level: Double
  /// The seed of the draws.
  public let seed: UInt64

  /// - Parameters:
  ///   - resampleCount: At least 1; a thousand suffice for the digits of a table.
  ///   - level: Above 0 and below 1.
  ///   - seed: The seed.
  public init(resampleCount: Int = 1_000, level: Double = 0.95, seed: UInt64) {
    precondition(resampleCount >= 1, "\(resampleCount) resamples: at least 1")
    precondition(level > 0 && level < 1, "confidence \(level) is not between 0 and 1")
    self.resampleCount = resampleCount
    self.level = level
    self.seed = seed
  }

  /// The bootstrap with fewer resamples for very many cases, because each resample is a pass over
  /// all cases: a thousand up to two million cases, and at least 200.
  ///
  /// - Parameters:
  ///   - seed: The seed of the draws.
  ///   - caseCount: The number of cases.
  public init(seed: UInt64, caseCount: Int) {
    self.init(
      resampleCount: min(1_000, max(200, 2_000_000_000 / max(1, caseCount))), seed: seed)
  }

  /// The interval of a mean; nil if there is no value.
  public func interval(ofMean values: [Double]) -> ConfidenceInterval? {
    intervals(of: [MeanFigure(ofUsers: values)])[0]
  }

  /// The intervals of several figures of the same users, with one draw for all in each resample.
  ///
  /// - Parameter figures: All with the same number of users.
  /// - Returns: As many; nil if a figure is defined in less than half of the resamples. Resamples
  ///   without a value are left out.
  public func intervals(of figures: [any UserFigure]) -> [ConfidenceInterval?] {
    resamples(of: figures) { $0.bounds($1) }.map { values in
      let known = values.compactMap { $0 }
      guard 2 * known.count >= resampleCount else { return nil }
      return ConfidenceInterval(percentilesOf: known, level: level)
    }
  }

  /// Compares two systems by their values for the same users, in the same order.
  ///
  /// - Returns: Nil if there is no value.
  public func difference(_ first: [Double], _ second: [Double]) -> PairedDifference? {
    precondition(
      first.count == second.count,
      "paired bootstrap of \(first.count) values and \(second.count) values")
    return differences(
      [MeanFigure(ofUsers: first)], [MeanFigure(ofUsers: second)])[0]
  }

  /// Compares two systems by figures of the cases of the same users.
  ///
  /// The p-value is twice the smaller of the shares of resamples whose difference is at most zero
  /// and at least zero, the sample itself counted among them (Efron and Tibshirani 1993, section
  /// 15.4; Davison and Hinkley, Bootstrap Methods and their Application, 1997, equation 4.11).
  ///
  /// - Parameters:
  ///   - first: The figures of the first system.
  ///   - second: The same of the second.
  /// - Returns: As many; nil if a figure is not defined, or is defined in less than half of the
  ///   resamples.
  public func differences(
    _ first: [any UserFigure], _ second: [any UserFigure]
  ) -> [PairedDifference?] {
    precondition(
      first.count == second.count,
      "paired bootstrap of \(first.count) figures and \(second.count) figures")
    let resamples = resamples(of: first + second) { $0.value($1) }
    return first.indices.map { index in
      guard let one = first[index].value, let other = second[index].value else { return nil }
      let pairs = zip(resamples[index], resamples[first.count + index])
      let values = pairs.compactMap { one, other in
        one.flatMap { one in other.map { Self.difference(one, $0) } }
      }
      guard 2 * values.count >= resampleCount,
        let interval = ConfidenceInterval(percentilesOf: values, level: level)
      else { return nil }
      let fewest = min(values.count { $0 <= 0 }, values.count { $0 >= 0 })
      return PairedDifference(
        userCount: first[index].userCount, value: Self.difference(one, other), interval: interval,
        pValue: min(1, 2 * Double(fewest + 1) / Double(values.count + 1)))
    }
  }

  /// The difference; 0 if it is not larger than rounding errors.
  private static func difference(_ one: Double, _ other: Double) -> Double {
    let difference = one - other
    return abs(difference) < 1e-13 * max(abs(one), abs(other)) ? 0 : difference
  }

  /// By figure and resample, a result of the figure for `userCount` users drawn with replacement.
  private func resamples<Result>(
    of figures: [any UserFigure], _ result: (any UserFigure, [Int32]) -> Result?
  ) -> [[Result?]] {
    let userCount = figures.first?.userCount ?? 0
    precondition(
      figures.allSatisfy { $0.userCount == userCount },
      "bootstrap of figures of \(figures.map(\.userCount)) users")
    guard userCount > 0 else { return figures.map { _ in [] } }
    var values = [[Result?]](repeating: [], count: figures.count)
    var counts = [Int32](repeating: 0, count: userCount)
    for resample in 0..<resampleCount {
      let random = CounterRandom(seed: seed, Self.purpose, UInt64(resample))
      for user in counts.indices { counts[user] = 0 }
      for place in 0..<userCount {
        counts[random.integer(below: userCount, UInt64(place))] += 1
      }
      for (index, figure) in figures.enumerated() { values[index].append(result(figure, counts)) }
    }
    return values
  }

  /// The name of the stream of random numbers.
  private static let purpose: UInt64 = 0x626F_6F74_7374_7261
}
