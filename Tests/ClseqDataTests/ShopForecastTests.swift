import ClseqData
import ClseqTestSupport
import Testing

/// The exact forecast against sums over everything, and against what the generator draws.
@Suite struct ShopForecastTests {
  private let log: ShopLog

  init() throws {
    log = try ShopLog(users: 200_000, items: 10, eventsPerUser: 3...3, seed: 2)
  }

  /// w_k(last, item) straight from its definition.
  private func weight(_ taste: Int, _ last: Int?, _ item: Int) -> Double {
    let shop = log.catalogue
    let row = shop.row(taste: taste, after: last)
    let shelf = shop.categoryWeights[row.lowerBound + shop.category[item]] * shop.popularity[item]
    guard let last else { return shelf }
    let next = zip(shop.successors(of: last), ShopCatalogue.successorShares)
      .reduce(0) { $0 + ($1.0 == item ? $1.1 : 0) }
    return ShopCatalogue.successorRate * next + (1 - ShopCatalogue.successorRate) * shelf
  }

  /// p(taste) times the probability of each step, every normaliser a sum over the items left.
  private func joint(_ taste: Int, _ history: [Int]) -> Double {
    var probability = 1 / Double(ShopCatalogue.tasteCount)
    for (position, item) in history.enumerated() {
      let met = history[..<position]
      if met.contains(item) { return 0 }
      let left = (0..<log.itemCount).filter { !met.contains($0) }
      let total = left.reduce(0) { $0 + weight(taste, met.last, $1) }
      probability *= weight(taste, met.last, item) / total
    }
    return probability
  }

  @Test func weightsSumToOne() {
    for taste in 0..<ShopCatalogue.tasteCount {
      for last in [nil] + (0..<10).map(Optional.some) {
        let total = (0..<10).reduce(0) { $0 + weight(taste, last, $1) }
        #expect(abs(total - 1) < Tolerance.probability)
      }
    }
  }

  @Test(arguments: [[], [3], [0, 7], [9, 1, 4], [2, 3, 5, 8, 0], [5, 4, 3, 2, 1, 0, 9, 8, 7]])
  func matchesBruteForce(_ history: [Int]) {
    let tastes = 0..<ShopCatalogue.tasteCount
    let evidence = tastes.reduce(0) { $0 + joint($1, history) }
    let forecast = log.predictiveDistribution(history: history)
    for item in 0..<10 {
      let expected = tastes.reduce(0) { $0 + joint($1, history + [item]) } / evidence
      #expect(abs(forecast[item] - expected) < Tolerance.probability)
    }
    #expect(abs(forecast.reduce(0, +) - 1) < Tolerance.probability)
  }

  /// Frequencies of the first, second and third item over many users; a binomial count of mean
  /// np stays within five deviations but for one time in two million.
  @Test func matchesWhatIsDrawn() {
    var counts: [[Int]: Int] = [:]
    for user in 0..<log.userCount {
      let items = log.events(of: user).map(\.item)
      for length in 0...3 { counts[Array(items.prefix(length)), default: 0] += 1 }
    }
    for (history, count) in counts where history.count < 3 && count >= 1_000 {
      for (item, probability) in log.predictiveDistribution(history: history).enumerated() {
        let mean = Double(count) * probability
        let drawn = Double(counts[history + [item], default: 0])
        #expect(
          (drawn - mean) * (drawn - mean) <= 25 * max(1, mean * (1 - probability)),
          "\(history) then \(item)")
      }
    }
  }
}
