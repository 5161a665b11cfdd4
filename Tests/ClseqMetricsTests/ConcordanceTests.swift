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
    let users = numbers.indices(count, below: 4)
    let index = ConcordanceIndex(
      durations: durations, observed: observed, predictions: predictions, users: users,
      userCount: 4)
    #expect(index.value == byPairs(durations, observed, predictions))
    let counts: [Int32] = [2, 0, 1, 3]
    let repeats = users.indices.flatMap { Array(repeating: $0, count: Int(counts[Int(users[$0])])) }
    #expect(
      index.value(counts)
        == byPairs(
          repeats.map { durations[$0] }, repeats.map { observed[$0] },
          repeats.map { predictions[$0] }))
  }

  @Test func knowsPerfectAndReversedOrders() {
    let durations = [1.0, 2, 3, 4]
    let all = [Bool](repeating: true, count: 4)
    func index(_ observed: [Bool], _ predictions: [Double]) -> Double? {
      ConcordanceIndex(durations: durations, observed: observed, predictions: predictions).value
    }
    #expect(index(all, durations) == 1)
    #expect(index(all, durations.map { -$0 }) == 0)
    let none = [Bool](repeating: false, count: 4)
    #expect(index(none, durations) == nil)
  }

  @Test func aPredictionThatIsNoNumberMakesTheIndexNone() throws {
    let index = try #require(
      ConcordanceIndex(
        durations: [1, 2], observed: [true, true], predictions: [1, .nan]
      ).value)
    #expect(index.isNaN)
  }
}
