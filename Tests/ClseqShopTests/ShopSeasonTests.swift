import ClseqData
import ClseqShop
import ClseqTestSupport
import Testing

/// Logs with an end follow the formulas of `ShopTraits`.
@Suite struct ShopSeasonTests {
  @Test(arguments: [false, true])
  func visitsFollowTheRates(_ hasSeasons: Bool) throws {
    let log = try ShopLog(
      users: 6_000, items: 200, eventsPerUser: 20...20, seed: 5,
      traits: .days(366, hasSeasons: hasSeasons))
    let visits = ShopVisits(log)
    let statistic = visits.counts.indices.reduce(0.0) { sum, cell in
      let deviation = visits.counts[cell] - visits.means[cell]
      return sum + deviation * deviation / visits.variances[cell]
    }
    #expect(statistic < Tolerance.chiSquare(degrees: 84))
    let total = visits.hours.reduce(0, +)
    let shares = hasSeasons ? ShopTraits.hourShares.map { Double($0) / 100 } : flatHours
    let hours = zip(visits.hours, shares).reduce(0.0) { sum, hour in
      let (count, mean) = (hour.0, hour.1 * total)
      return sum + (count - mean) * (count - mean) / mean
    }
    #expect(hours < Tolerance.chiSquare(degrees: 23))
  }

  private let flatHours = [Double](repeating: 1.0 / 24, count: 24)

  @Test func ratesAreOneOnAverage() {
    #expect(abs(ShopTraits.weekdayRates.reduce(0, +) - 7) < Tolerance.probability)
    #expect(abs(ShopTraits.monthRates.reduce(0, +) - 12) < Tolerance.probability)
    #expect(ShopTraits.hourShares.reduce(0, +) == 100)
  }

  /// The expected number of events, but for the first visit that everyone makes and for what the
  /// end cuts off: 20 and 5 of the first visit.
  @Test func numbersOfEventsAreWhatIsExpected() throws {
    let log = try ShopLog(
      users: 4_000, items: 200, eventsPerUser: 20...20, traits: .days(366))
    let counts = (0..<log.userCount).map { Double(log.events(of: $0).count) }
    let mean = counts.reduce(0, +) / Double(counts.count)
    let variance = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(counts.count)
    #expect(
      abs(mean - 25) < Tolerance.deviations * (variance / Double(counts.count)).squareRoot() + 0.1)
  }

  /// Over six years first visits come in all quarters; the first item is drawn by taste alone.
  @Test func tasteFollowsTheQuarter() throws {
    let log = try ShopLog(
      users: 4_000, items: 500, eventsPerUser: 1...1, seed: 3,
      traits: .days(6 * 366, hasSeasons: true))
    let shop = log.catalogue
    var counts = [[Double]](repeating: Array(repeating: 0, count: shop.categoryCount), count: 4)
    for user in 0..<log.userCount {
      let event = log.events(of: user)[0]
      let day = (event.time - ShopVisits.opening) / 86_400 % 366
      // The quarters of a leap year end after 91, 182 and 274 days.
      let quarter = day < 91 ? 0 : day < 182 ? 1 : day < 274 ? 2 : 3
      counts[quarter][shop.category(of: event.item)] += 1
    }
    for quarter in 0..<4 {
      let total = counts[quarter].reduce(0, +)
      let statistic = (0..<shop.categoryCount).reduce(0.0) { sum, category in
        let tastes = 0..<ShopCatalogue.tasteCount
        let share = tastes.reduce(0.0) {
          $0
            + shop.categoryWeights[
              shop.row(taste: $1, after: nil, season: quarter).lowerBound + category]
        }
        let mean = total * share / Double(tastes.count)
        return sum + (counts[quarter][category] - mean) * (counts[quarter][category] - mean) / mean
      }
      #expect(statistic < Tolerance.chiSquare(degrees: shop.categoryCount - 1))
    }
  }

  @Test func categoriesHaveAHighQuarter() throws {
    let shop = try ShopLog(
      users: 1, items: 500, eventsPerUser: 5...5, traits: .days(366, hasSeasons: true)
    ).catalogue
    for category in 0..<shop.categoryCount {
      let weights = (0..<4).map {
        shop.categoryWeights[shop.row(taste: 0, after: nil, season: $0).lowerBound + category]
      }.sorted()
      #expect(weights[3] > 1.5 * weights[2])
    }
  }

  @Test(arguments: [ShopTraits.days(366, hasSeasons: true), .anomalies(0.1)])
  func noBestRankingIsClaimed(_ traits: ShopTraits) throws {
    let log = try ShopLog(users: 50, items: 100, eventsPerUser: 5...20, traits: traits)
    let dataset = try log.dataset()
    #expect(!log.hasBestRanking)
    #expect(throws: DataError.noBestRanking(path: dataset.source.name)) {
      try log.bestRanks(.leaveOneOut(dataset), part: .test)
    }
  }

  @Test(arguments: [
    ShopTraits.days(6), .days(36_601), .churners(-0.1), .churners(.nan), .anomalies(1.1),
  ])
  func traitsThatNoShopCanHave(_ traits: ShopTraits) {
    #expect(throws: ShopLog.SettingsError.self) {
      try ShopLog(users: 10, items: 100, eventsPerUser: 5...20, traits: traits)
    }
  }

  /// Users of a log with an end may meet twice what is expected, so there must be room for it.
  @Test func moreItemsWhereThereIsAnEnd() throws {
    _ = try ShopLog(users: 10, items: 100, eventsPerUser: 5...25, traits: .days(30))
    #expect(throws: ShopLog.SettingsError.self) {
      try ShopLog(users: 10, items: 100, eventsPerUser: 5...26, traits: .days(30))
    }
  }
}
