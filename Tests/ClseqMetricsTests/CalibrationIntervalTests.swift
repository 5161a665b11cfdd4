import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct CalibrationIntervalTests {
  /// The interval contains the error itself in each sample, and the true error in at least 95 % of
  /// the samples (for 100 samples a deviation of 2.2 below that): of calibrated probabilities (0), and
  /// of probabilities that are too low by a tenth throughout or above a half (half of that).
  @Test(arguments: [0, 1, 2], [150, 800])
  func holdsTheTruth(_ kind: Int, _ userCount: Int) throws {
    var held = 0
    for trial in 0..<100 {
      let cases = cases(kind, userCount, seed: UInt64(10 * trial + kind))
      let figure = CalibrationError().figure(of: cases)
      let value = try #require(figure.value)
      let interval = try #require(
        Bootstrap(resampleCount: 200, seed: UInt64(trial)).intervals(of: [figure])[0])
      #expect(interval.lower >= 0 && interval.lower <= value && value <= interval.upper)
      let truth = [0, 0.1, 0.05][kind]
      if interval.lower <= truth && truth <= interval.upper { held += 1 }
    }
    #expect(held >= 90)
  }

  /// Users with two equal cases each.
  private func cases(_ kind: Int, _ userCount: Int, seed: UInt64) -> OrderedCases {
    var numbers = TestNumbers(seed: seed)
    var (scores, labels): ([Double], [Bool]) = ([], [])
    for _ in 0..<userCount {
      let score = Double.random(in: 0.1..<0.9, using: &numbers)
      let isLow = kind == 1 || (kind == 2 && score > 0.5)
      scores.append(score)
      labels.append(Double.random(in: 0..<1, using: &numbers) < score + (isLow ? 0.1 : 0))
    }
    let users = Array(0..<Int32(userCount))
    return OrderedCases(
      scores: scores + scores, labels: labels + labels, users: users + users, userCount: userCount)
  }

  /// With probabilities far from the labels all bins are clear, and the bounds are nearly percentiles.
  @Test func clearErrors() throws {
    let labels = (0..<400).map { $0 % 4 == 0 }
    let scores = (0..<400).map { 0.6 + Double($0) / 2_000 }
    let cases = OrderedCases(
      scores: scores, labels: labels, users: Array(0..<Int32(400)), userCount: 400)
    let figure = CalibrationError(binCount: 4).figure(of: cases)
    let gaps = MeanFigure(users: Array(0..<Int32(400)), userCount: 400) { index in
      scores[index] - (labels[index] ? 1 : 0)
    }
    let bounds = Bootstrap(seed: 1).intervals(of: [figure, gaps])
    let (error, mean) = (try #require(bounds[0]), try #require(bounds[1]))
    #expect(abs(error.upper - error.lower - (mean.upper - mean.lower)) < 0.01)
    #expect(abs(error.lower - mean.lower) < 0.01)
  }

  /// Without a case there is no interval, and a probability that is not a number gives none.
  @Test func undefined() throws {
    let none = CalibrationError().figure(of: OrderedCases(scores: [], labels: [], userCount: 3))
    let nan = CalibrationError().figure(
      of: OrderedCases(
        scores: [.nan, 0.5, 1], labels: [true, false, true], users: [0, 1, 2], userCount: 3))
    let intervals = Bootstrap(seed: 1).intervals(of: [none, nan])
    #expect(intervals[0] == nil)
    #expect(try #require(intervals[1]).lower.isNaN)
  }
}
