import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct BootstrapTests {
  private func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var numbers = TestNumbers(seed: seed)
    return numbers.doubles(count)
  }

  /// The numbers must be the same on every platform, so they are written down here.
  @Test func intervalIsFixed() throws {
    let values = (0..<10).map(Double.init)
    let interval = try #require(Bootstrap(resampleCount: 200, seed: 1).interval(ofMean: values))
    #expect(abs(interval.lower - 2.8) < Tolerance.probability)
    #expect(abs(interval.upper - 6.3) < Tolerance.probability)
    #expect(interval == Bootstrap(resampleCount: 200, seed: 1).interval(ofMean: values))
    #expect(interval != Bootstrap(resampleCount: 200, seed: 2).interval(ofMean: values))
  }

  /// Resampled means of {0, 1} are 0, 1/2, 1 with shares 1/4, 1/2, 1/4.
  @Test func percentiles() throws {
    func bounds(_ level: Double) throws -> [Double] {
      let interval = try #require(
        Bootstrap(resampleCount: 4_000, level: level, seed: 1).interval(ofMean: [0, 1]))
      #expect(interval.level == level)
      return [interval.lower, interval.upper]
    }
    #expect(try bounds(0.6) == [0, 1])
    #expect(try bounds(0.4) == [0.5, 0.5])
  }

  /// The 95 % interval of a mean is ±1.96 deviations of the mean, here of 2 / √(3n/4).
  @Test func widthOfMean() throws {
    let count = 3_000
    let values = numbers(count, seed: 5)
    let interval = try #require(Bootstrap(resampleCount: 2_000, seed: 3).interval(ofMean: values))
    let width = 2 * 1.96 * (4.0 / 3 / Double(count)).squareRoot()
    #expect(abs((interval.upper - interval.lower) / width - 1) < Tolerance.bootstrapWidth)
    let mean = values.reduce(0, +) / Double(count)
    #expect(interval.lower < mean && mean < interval.upper)
  }

  /// Of 300 samples the 90 % interval holds the true mean, 0, for 270 with a deviation of 5.
  @Test func holdsTheTruth() {
    let held = (0..<300).count { trial in
      let values = numbers(60, seed: UInt64(trial))
      let bootstrap = Bootstrap(resampleCount: 300, level: 0.9, seed: UInt64(trial))
      guard let interval = bootstrap.interval(ofMean: values) else { return false }
      return interval.lower <= 0 && 0 <= interval.upper
    }
    #expect((245...290).contains(held))
  }

  /// Several figures of the same users share their draws; one that is not defined has no interval.
  @Test func intervalsOfFigures() throws {
    let labels = (0..<60).map { $0 % 3 == 0 }
    let scores = zip(numbers(60, seed: 1), labels).map { $0 + ($1 ? 2 : 0) }
    let users = (0..<Int32(60)).map { $0 / 2 }
    let cases = OrderedCases(scores: scores, labels: labels, users: users, userCount: 30)
    let mean = MeanFigure(users: users, userCount: 30) { scores[$0] }
    let none = AUC().figure(
      of: OrderedCases(
        scores: scores, labels: scores.map { _ in true }, users: users, userCount: 30))
    let bootstrap = Bootstrap(seed: 1)
    let intervals = bootstrap.intervals(of: [AUC().figure(of: cases), mean, none])
    let area = try #require(AUC().value(labels: labels, scores: scores))
    let first = try #require(intervals[0])
    #expect(0.5 < first.lower && first.lower < area && area < first.upper)
    #expect(intervals[1] == bootstrap.intervals(of: [mean])[0] && intervals[2] == nil)
  }

  /// Cases of one user are equal: as many independent cases would give a much narrower interval.
  @Test func usersAreDrawnWhole() throws {
    let values = numbers(50, seed: 3)
    let users = (0..<Int32(1_000)).map { $0 / 20 }
    let bootstrap = Bootstrap(seed: 1)
    func width(_ figure: MeanFigure) throws -> Double {
      let interval = try #require(bootstrap.intervals(of: [figure])[0])
      return interval.upper - interval.lower
    }
    let whole = try width(MeanFigure(users: users, userCount: 50) { values[$0 / 20] })
    #expect(abs(whole - (try width(MeanFigure(ofUsers: values)))) < Tolerance.probability)
    let apart = try width(MeanFigure(ofUsers: (0..<1_000).map { values[$0 / 20] }))
    #expect(whole > 3.5 * apart)
  }

  @Test func resamplesByCases() {
    #expect(Bootstrap(seed: 1, caseCount: 100).resampleCount == 1_000)
    #expect(Bootstrap(seed: 1, caseCount: 4_000_000).resampleCount == 500)
    #expect(Bootstrap(seed: 1, caseCount: 200_000_000).resampleCount == 200)
  }

  @Test func clearDifference() throws {
    let first = numbers(500, seed: 1)
    let second = zip(first, numbers(500, seed: 2)).map { $0 - 0.3 + 0.1 * $1 }
    let difference = try #require(Bootstrap(seed: 1).difference(first, second))
    #expect(difference.userCount == 500)
    #expect(difference.interval.lower < difference.value)
    #expect(difference.value < difference.interval.upper)
    #expect(difference.interval.lower > 0.25 && difference.interval.upper < 0.35)
    #expect(difference.pValue == 2.0 / 1_001)
    // Two systems whose values vary far more than their difference: only pairs show it.
    let apart = try #require(Bootstrap(seed: 1).interval(ofMean: first))
    #expect(apart.upper - apart.lower > 5 * (difference.interval.upper - difference.interval.lower))
    let swapped = try #require(Bootstrap(seed: 1).difference(second, first))
    #expect(swapped.value == -difference.value && swapped.pValue == difference.pValue)
  }

  /// Where nothing differs, p is uniform: below 0.1 for 20 of 200 samples with a deviation of 4.
  @Test func noDifference() throws {
    let values = numbers(20, seed: 1)
    #expect(try #require(Bootstrap(seed: 1).difference(values, values)).pValue == 1)
    let small = try (0..<200).count { trial in
      let bootstrap = Bootstrap(resampleCount: 400, seed: UInt64(trial))
      let first = numbers(60, seed: UInt64(2 * trial))
      let second = numbers(60, seed: UInt64(2 * trial + 1))
      return try #require(bootstrap.difference(first, second)).pValue < 0.1
    }
    #expect((6...36).contains(small))
  }

  /// The interval does not contain zero if p is below one minus its level.
  @Test(arguments: [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
  func intervalAgreesWithP(_ shift: Double) throws {
    let first = numbers(120, seed: 4).map { $0 + shift }
    let difference = try #require(
      Bootstrap(resampleCount: 999, seed: 8).difference(first, numbers(120, seed: 5)))
    let leavesZeroOut = difference.interval.lower > 0 || difference.interval.upper < 0
    #expect(leavesZeroOut == (difference.pValue < 0.05))
  }

  @Test func degenerate() throws {
    let bootstrap = Bootstrap(seed: 1)
    #expect(bootstrap.interval(ofMean: []) == nil && bootstrap.difference([], []) == nil)
    let one = try #require(bootstrap.interval(ofMean: [2]))
    #expect(one.lower == 2 && one.upper == 2)
    #expect(try #require(bootstrap.interval(ofMean: [1, .nan])).lower.isNaN)
  }

  @Test func unequalCounts() async {
    await #expect(processExitsWith: .failure) { _ = Bootstrap(seed: 1).difference([1, 2], [1]) }
  }
}
