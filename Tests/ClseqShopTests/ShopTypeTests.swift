import ClseqData
import ClseqShop
import ClseqTestSupport
import Testing

/// Event types that follow from those before, and the best accuracy at telling them.
@Suite struct ShopTypeTests {
  private let log: ShopLog
  private let plain: ShopLog

  init() throws {
    var traits = ShopTraits()
    traits.hasTypedEvents = true
    log = try ShopLog(users: 3_000, items: 200, eventsPerUser: 5...40, seed: 6, traits: traits)
    plain = try ShopLog(users: 3_000, items: 200, eventsPerUser: 5...40, seed: 6)
  }

  @Test func nothingButTypesChanges() {
    for user in 0..<200 {
      let (typed, untyped) = (log.events(of: user), plain.events(of: user))
      #expect(typed.map(\.item) == untyped.map(\.item))
      #expect(typed.map(\.time) == untyped.map(\.time))
      #expect(typed[0].kind == untyped[0].kind)
    }
  }

  /// Each row of the chain against what follows in the log.
  @Test func typesFollowTheChain() throws {
    let shop = log.catalogue
    let kinds = ShopEvent.Kind.allCases
    var counts = [[Int]: Double]()
    var item = [Int: Int]()
    for user in 0..<log.userCount {
      let events = log.events(of: user)
      for (before, event) in zip(events, events.dropFirst()) {
        let category = shop.category(of: before.item)
        item[category] = before.item
        let row = [category] + [before.kind, event.kind].compactMap { kinds.firstIndex(of: $0) }
        counts[row, default: 0] += 1
      }
    }
    for category in 0..<shop.categoryCount {
      for (kind, name) in kinds.enumerated() {
        let place = try #require(item[category])
        let probabilities = try #require(log.typeProbabilities(after: name, item: place))
        #expect(abs(probabilities.reduce(0, +) - 1) < Tolerance.probability)
        let row = kinds.indices.map { counts[[category, kind, $0], default: 0] }
        let total = row.reduce(0, +)
        let statistic = zip(row, probabilities).reduce(0.0) { sum, cell in
          sum + (cell.0 - total * cell.1) * (cell.0 - total * cell.1) / (total * cell.1)
        }
        #expect(total > 100 && statistic < Tolerance.chiSquare(degrees: 2))
      }
    }
  }

  /// What is expected is what is measured; knowing the last type alone, or nothing, is worth less.
  @Test func bestAccuracyIsTheBest() throws {
    let best = try #require(log.bestTypeAccuracy())
    #expect(best.last.eventCount == log.userCount)
    for accuracy in [best.last, best.all] {
      let variance = accuracy.expected * (1 - accuracy.expected) / Double(accuracy.eventCount)
      let bound = Tolerance.deviations * variance.squareRoot()
      #expect(abs(accuracy.expected - accuracy.measured) < bound)
    }
    var (pairs, singles, total) = ([String: Int](), [String: Int](), 0)
    for user in 0..<log.userCount {
      let kinds = log.events(of: user).map(\.kind)
      for (before, kind) in zip(kinds, kinds.dropFirst()) {
        pairs["\(before) \(kind)", default: 0] += 1
        singles["\(kind)", default: 0] += 1
        total += 1
      }
    }
    #expect(best.all.eventCount == total)
    let byLast = ShopEvent.Kind.allCases.reduce(0) { sum, before in
      sum + (ShopEvent.Kind.allCases.compactMap { pairs["\(before) \($0)"] }.max() ?? 0)
    }
    let always = Double(singles.values.max() ?? 0) / Double(total)
    #expect(Double(byLast) / Double(total) >= always)
    #expect(best.all.expected > Double(byLast) / Double(total) + 0.05)
    #expect(best.all.expected > 0.6 && best.all.expected < 0.9)
  }

  /// Seasons, leaving and anomalies change what is typed, and not how.
  @Test func accuracyIsExactInAnyLog() throws {
    var traits = ShopTraits.churners(0.3, typed: true)
    traits.anomalyShare = 0.1
    traits.hasSeasons = true
    let log = try ShopLog(users: 2_000, items: 200, eventsPerUser: 5...40, traits: traits)
    let best = try #require(log.bestTypeAccuracy())
    #expect(best.last.eventCount == (try log.dataset()).userCount)
    for accuracy in [best.last, best.all] {
      let variance = accuracy.expected * (1 - accuracy.expected) / Double(accuracy.eventCount)
      let bound = Tolerance.deviations * variance.squareRoot()
      #expect(abs(accuracy.expected - accuracy.measured) < bound)
    }
  }

  @Test func untypedLogsClaimNothing() {
    #expect(plain.bestTypeAccuracy() == nil)
    #expect(plain.typeProbabilities(after: .view, item: 0) == nil)
  }
}
