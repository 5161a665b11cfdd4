import ClseqShop
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
    let shelf =
      shop.categoryWeights[row.lowerBound + shop.category(of: item)] * shop.popularity[item]
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

  /// Frequencies of the first, second and third item over many users, also of users who may leave
  /// before: when they do depends on nothing that the items do.
  @Test(arguments: [ShopTraits.plain, .churners(0.5, days: 30, typed: true)])
  func matchesWhatIsDrawn(_ traits: ShopTraits) throws {
    let log = try ShopLog(
      users: log.userCount, items: 12, eventsPerUser: 3...3, seed: 2, traits: traits)
    var (counts, followed) = ([[Int]: Int](), [[Int]: Int]())
    for user in 0..<log.userCount {
      let items = log.events(of: user).prefix(3).map(\.item)
      for length in items.indices {
        followed[Array(items.prefix(length)), default: 0] += 1
        counts[Array(items.prefix(length + 1)), default: 0] += 1
      }
    }
    for (history, count) in followed where count >= 1_000 {
      for (item, probability) in log.predictiveDistribution(history: history).enumerated() {
        let mean = Double(count) * probability
        let bound = Tolerance.deviations * max(1, mean * (1 - probability)).squareRoot()
        let drawn = Double(counts[history + [item], default: 0])
        #expect(abs(drawn - mean) <= bound, "\(history) then \(item)")
      }
    }
  }
}
