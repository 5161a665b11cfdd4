import ClseqData
import ClseqMetrics
import ClseqShop
import ClseqTestSupport
import Testing

@Suite struct ShopLogTests {
  @Test func sameSeedSameLog() throws {
    let log = try ShopLog(users: 50, items: 40, eventsPerUser: 5...20, seed: 3)
    let again = try ShopLog(users: 50, items: 40, eventsPerUser: 5...20, seed: 3)
    let other = try ShopLog(users: 50, items: 40, eventsPerUser: 5...20, seed: 4)
    #expect((0..<50).allSatisfy { log.events(of: $0) == again.events(of: $0) })
    #expect((0..<50).contains { log.events(of: $0) != other.events(of: $0) })
  }

  /// The log must be the same on every platform, so its hash is written down here.
  @Test func demoLogIsFixed() throws {
    let source = try ShopLog.demo.dataset().source
    #expect(source.hash == "xxh64:4d2ccbfb789b06d1")
    #expect(source.userCount == 8_000 && source.itemCount == 1_000)
    #expect(source.leftOutUserCount == 0)
  }

  /// So must logs of other sizes: short and long shelves, rare items, users who meet half of all.
  @Test(arguments: [
    (300, 10, 1...5, 2, "c975c6c336653897"), (500, 37, 3...18, 9, "84348a8ec8a649a8"),
    (400, 5_000, 5...60, 4, "ea6e9d94b7b8a179"), (200, 400, 150...200, 6, "760b962db7d22e6f"),
    (300, 200_000, 5...290, 1, "fcce15587e3de8e5"),
  ])
  func logsAreFixed(
    _ users: Int, _ items: Int, _ events: ClosedRange<Int>, _ seed: UInt64, _ hash: String
  ) throws {
    let log = try ShopLog(users: users, items: items, eventsPerUser: events, seed: seed)
    #expect(try log.dataset().source.hash == "xxh64:" + hash)
  }

  @Test func writtenFileIsTheSameDataset() throws {
    let log = try ShopLog(users: 200, items: 60, eventsPerUser: 3...20)
    let file = try TemporaryFile("shop.inter", bytes: nil)
    try log.write(to: file.path)
    let read = try SequenceDataset.load(path: file.path)
    let made = try log.dataset()
    #expect(read.items == made.items && read.offsets == made.offsets)
    #expect(read.users == made.users && read.vocabulary == made.vocabulary)
    #expect(read.source.hash == made.source.hash && read.source.format == .inter)
    for user in 0..<200 {
      #expect(
        read[user].map { read.vocabulary[Int($0)] }
          == log.events(of: user).map { "i\($0.item + 1)" })
    }
  }

  @Test func eventsOfUsersAreSound() throws {
    let log = try ShopLog(users: 500, items: 100, eventsPerUser: 5...50)
    var kinds: [ShopEvent.Kind: Int] = [:]
    var total = 0
    for user in 0..<500 {
      let events = log.events(of: user)
      #expect((5...50).contains(events.count))
      #expect(Set(events.map(\.item)).count == events.count)
      #expect(zip(events, events.dropFirst()).allSatisfy { $0.time < $1.time })
      for event in events { kinds[event.kind, default: 0] += 1 }
      total += events.count
    }
    // A third of the way from 5 to 50 on average; views prevail, purchases are rarest.
    #expect(abs(Double(total) / 500 - 20) < 2)
    #expect(kinds[.view, default: 0] > 2 * kinds[.cart, default: 0])
    #expect(kinds[.cart, default: 0] > kinds[.purchase, default: 0])
    #expect(kinds[.purchase, default: 0] > 0)
  }

  @Test(arguments: [
    (0, 100, 5...50), (10, 9, 3...4), (10, 99, 5...50), (10, 100, 0...5),
  ])
  func settingsThatNoShopCanHave(_ users: Int, _ items: Int, _ events: ClosedRange<Int>) {
    #expect(throws: ShopLog.SettingsError.self) {
      try ShopLog(users: users, items: items, eventsPerUser: events)
    }
  }

  @Test func foreignDataHaveNoBestScore() throws {
    let file = try TemporaryFile("log.txt", "u1 a\nu1 b\nu1 c\n")
    let split = Split.leaveOneOut(try SequenceDataset.load(path: file.path))
    #expect(
      throws: DataError.unknownToken(
        path: "log.txt", token: "a", expected: "a log of the shop with seed 1")
    ) { try ShopLog.demo.bestRanks(split, part: .test) }
  }

  /// The ranks that follow from a forecast of each user's next item.
  private func ranks(
    _ split: Split, _ forecast: ([Int]) -> [Double]
  ) -> [Int] {
    let shopItem = (1...split.dataset.itemCount).map { index in
      Int(split.dataset.vocabulary[index].dropFirst()).map { $0 - 1 } ?? -1
    }
    return (0..<split.dataset.userCount).map { user in
      let history = split.history(of: user, for: .test).map { shopItem[Int($0) - 1] }
      let target = shopItem[Int(split.target(of: user, for: .test)) - 1]
      let scores = forecast(history)
      let seen = Set(history)
      return 1
        + shopItem.count { $0 != target && !seen.contains($0) && scores[$0] >= scores[target] }
    }
  }

  @Test func bestRanksAreThoseOfTheForecast() throws {
    let log = try ShopLog(users: 100, items: 60, eventsPerUser: 3...12)
    let split = Split.leaveOneOut(try log.dataset())
    #expect(
      try log.bestRanks(split, part: .test)
        == ranks(split) { log.predictiveDistribution(history: $0) })
  }

  /// Who knows less scores less: popularity, then the last item alone, then the whole history.
  @Test func knowingMoreScoresMore() throws {
    let log = try ShopLog(users: 4_000, items: 200, eventsPerUser: 5...30)
    let split = Split.leaveOneOut(try log.dataset())
    let lastAlone = ranks(split) { log.predictiveDistribution(history: $0.suffix(1)) }
    let gains = try [
      PopularityBaseline(split).ranks(for: .test), lastAlone, log.bestRanks(split, part: .test),
    ].map { try #require(RankingMetrics(ranks: $0)["NDCG@10"]) }
    #expect(gains[1] > 3 * gains[0])
    #expect(gains[2] > 1.01 * gains[1])
  }
}
