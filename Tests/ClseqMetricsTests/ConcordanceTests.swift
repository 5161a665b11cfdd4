import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct ConcordanceTests {
  /// All pairs, one by one.
  private func byPairs(
    _ durations: [Double], _ observed: [Bool], _ predictions: [Double]
  ) -> Double? {
    var (wins, pairs) = (0.0, 0.0)
    for i in durations.indices where observed[i] {
      for j in durations.indices
      where durations[j] > durations[i] || durations[j] == durations[i] && !observed[j] {
        pairs += 1
        wins += predictions[i] < predictions[j] ? 1 : predictions[i] == predictions[j] ? 0.5 : 0
      }
    }
    return pairs == 0 ? nil : wins / pairs
  }

  @Test(arguments: [1, 2, 3, 10, 200])
  func isTheShareOfPairsInOrder(_ count: Int) {
    var numbers = TestNumbers(seed: UInt64(count))
    // Few values, so that durations and predictions tie.
    let durations = numbers.indices(count, below: 9).map { Double($0) }
    let observed = numbers.indices(count, below: 3).map { $0 > 0 }
    let predictions = numbers.indices(count, below: 7).map { Double($0) }
    let index = ConcordanceIndex().value(
      durations: durations, observed: observed, predictions: predictions)
    #expect(index == byPairs(durations, observed, predictions))
  }

  @Test func knowsPerfectAndReversedOrders() {
    let durations = [1.0, 2, 3, 4]
    let all = [Bool](repeating: true, count: 4)
    let index = ConcordanceIndex()
    #expect(index.value(durations: durations, observed: all, predictions: durations) == 1)
    #expect(
      index.value(durations: durations, observed: all, predictions: durations.map { -$0 }) == 0)
    let none = [Bool](repeating: false, count: 4)
    #expect(index.value(durations: durations, observed: none, predictions: durations) == nil)
  }

  @Test func aPredictionThatIsNoNumberMakesTheIndexNone() throws {
    let index = try #require(
      ConcordanceIndex().value(durations: [1, 2], observed: [true, true], predictions: [1, .nan]))
    #expect(index.isNaN)
  }
}
