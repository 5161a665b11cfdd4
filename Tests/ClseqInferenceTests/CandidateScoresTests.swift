import ClseqBase
import ClseqInference
import ClseqTestSupport
import Foundation
import Testing

/// Choices of items from scores.
@Suite struct CandidateScoresTests {
  /// Probabilities .4, .3, .2 and .1, row 3 the likeliest, with a row that may not be chosen and one that is
  /// no number.
  private static let scores: [Float] = [
    Float(log(0.1)), 7, Float(log(0.3)), Float(log(0.4)), .nan, Float(log(0.2)),
  ]
  private static let probabilities = [3: 0.4, 2: 0.3, 5: 0.2, 0: 0.1]

  private func with<Result>(
    _ scores: [Float] = Self.scores, excluding excluded: [Int] = [1],
    _ body: (CandidateScores) -> Result
  ) -> Result {
    var scores = scores
    return scores.withUnsafeMutableBufferPointer { body(CandidateScores($0, excluding: excluded)) }
  }

  private func rule(_ change: (inout SamplingRule) -> Void = { _ in }) -> SamplingRule {
    var rule = SamplingRule(seed: 0)
    change(&rule)
    return rule
  }

  @Test func theLikeliestRowsHaveTheirProbabilities() {
    for count in 1...7 {
      let best = with { $0.best(count) }
      #expect(best.map(\.row) == Array([3, 2, 5, 0].prefix(count)))
      for choice in best {
        #expect(abs(choice.probability - Self.probabilities[choice.row]!) < Tolerance.singleValues)
      }
    }
  }

  /// Sums over all rows are exact to single precision, whatever their number.
  @Test(arguments: [1, 7, 8, 9, 511, 513, 5_000], [0.1, 1, 30] as [Float])
  func probabilitiesAreThoseOfTheSoftmax(_ count: Int, _ spread: Float) {
    var numbers = TestNumbers(seed: 6)
    var scores = numbers.floats(count).map { $0 * spread + 200 }
    if count > 7 { (scores[3], scores[5], scores[6]) = (.nan, -.infinity, -1_000) }
    let known = scores.filter { !$0.isNaN }.map(Double.init)
    let largest = known.max()!
    let sum = known.reduce(0) { $0 + exp($1 - largest) }
    let best = with(scores, excluding: []) { $0.best(3) }
    for choice in best {
      let expected = exp(Double(scores[choice.row]) - largest) / sum
      #expect(abs(choice.probability / expected - 1) < Tolerance.singleValues)
    }
    #expect(best.first.map { Double(scores[$0.row]) } == largest)
  }

  @Test func equalScoresAreInTheOrderOfRows() {
    let equal: [Float] = [1, 2, 1, 2, 1]
    for count in 1...5 {
      let rows = with(equal, excluding: []) { $0.best(count) }.map(\.row)
      #expect(rows == Array([1, 3, 0, 2, 4].prefix(count)))
    }
  }

  @Test func whereNothingIsLeftNothingIsChosen() {
    let none = [Float](repeating: 3, count: 4)
    #expect(with(none, excluding: [0, 1, 2, 3]) { $0.best(2) }.isEmpty)
    #expect(with(none, excluding: [0, 1, 2, 3]) { $0.draw(rule(), 0.5) } == nil)
    #expect(with([.nan, .nan], excluding: []) { $0.draw(rule { $0.topCount = 1 }, 0.5) } == nil)
  }

  /// Draws fall on rows as often as their probabilities say, and tell them.
  @Test(
    arguments: [
      (1.0, nil, 1.0, [0.4, 0.3, 0.2, 0.1]), (1.0, 3, 1.0, [4.0 / 9, 3.0 / 9, 2.0 / 9, 0]),
      (1.0, nil, 0.65, [4.0 / 7, 3.0 / 7, 0, 0]), (1.0, 3, 0.5, [4.0 / 7, 3.0 / 7, 0, 0]),
      (0.5, nil, 1.0, [16.0 / 30, 9.0 / 30, 4.0 / 30, 1.0 / 30]), (1.0, 1, 1.0, [1, 0, 0, 0]),
      (0.5, 2, 1.0, [16.0 / 25, 9.0 / 25, 0, 0]), (1.0, nil, 0.01, [1, 0, 0, 0]),
    ] as [(Double, Int?, Double, [Double])])
  func drawsHaveTheDistribution(
    _ temperature: Double, _ count: Int?, _ share: Double, _ expected: [Double]
  ) {
    let rule = rule { ($0.temperature, $0.topCount, $0.topShare) = (temperature, count, share) }
    let random = CounterRandom(seed: 9, 1)
    let total = 20_000
    var counts: [Int: Int] = [:]
    for draw in 0..<total {
      let choice = with { $0.draw(rule, random.uniform(UInt64(draw))) }!
      counts[choice.row, default: 0] += 1
      let place = [3, 2, 5, 0].firstIndex(of: choice.row)!
      #expect(abs(choice.probability - expected[place]) < Tolerance.singleValues)
    }
    var statistic = 0.0
    for (row, share) in zip([3, 2, 5, 0], expected) {
      guard share > 0 else {
        #expect(counts[row] == nil)
        continue
      }
      let mean = share * Double(total)
      statistic += (Double(counts[row] ?? 0) - mean) * (Double(counts[row] ?? 0) - mean) / mean
    }
    let degrees = expected.count { $0 > 0 } - 1
    if degrees > 0 { #expect(statistic < Tolerance.chiSquare(degrees: degrees)) }
  }

  /// A share of the probability that a few hundred items do not reach.
  @Test func aLargeShareOfManyItemsIsReached() {
    let scores = [Float](repeating: 0, count: 1_000)
    let rule = rule { $0.topShare = 0.9 }
    for (number, row) in [(0.0, 0), (0.5, 450), (0.999_999, 899)] {
      let choice = with(scores, excluding: []) { $0.draw(rule, number) }
      #expect(choice?.row == row && abs(choice!.probability - 1 / 900) < Tolerance.probability)
    }
  }
}
