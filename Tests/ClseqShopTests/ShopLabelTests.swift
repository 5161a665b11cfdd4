import ClseqShop
import ClseqTestSupport
import Testing

/// Users who leave and users who are no ordinary people: how many there are, that labels tell the
/// truth, and that everyone else stays the same.
@Suite struct ShopLabelTests {
  private func log(_ traits: ShopTraits, users: Int = 3_000) throws -> ShopLog {
    try ShopLog(users: users, items: 200, eventsPerUser: 10...50, seed: 8, traits: traits)
  }

  /// The end of a log of thirty days from 2024-01-01.
  private let end = ShopVisits.opening + 30 * 86_400

  @Test(arguments: [0.0, 0.05, 0.3, 1.0])
  func sharesAreThoseAskedFor(_ share: Double) throws {
    let users = 20_000
    var traits = ShopTraits.churners(share)
    traits.anomalyShare = share
    let log = try log(traits, users: users)
    let labels = (0..<users).compactMap(log.label(of:))
    func expect(_ count: Int, _ probability: Double) {
      let mean = Double(users) * probability
      let bound = Tolerance.deviations * (mean * (1 - probability)).squareRoot()
      #expect(abs(Double(count) - mean) <= bound)
    }
    guard traits.churnerShare > 0 else {
      #expect(labels.isEmpty)
      return
    }
    #expect(labels.count == users)
    expect(labels.count { $0.isChurned }, share)
    expect(labels.count { $0.isChurned && $0.anomaly != nil }, share * share)
    for kind in ShopAnomaly.allCases { expect(labels.count { $0.anomaly == kind }, share / 3) }
  }

  @Test func nobodyComesBack() throws {
    let log = try log(.churners(0.4, days: 30))
    var tenths = [Double](repeating: 0, count: 10)
    for user in 0..<log.userCount {
      let (events, label) = (log.events(of: user), try #require(log.label(of: user)))
      #expect(zip(events, events.dropFirst()).allSatisfy { $0.time < $1.time })
      #expect(Set(events.map(\.item)).count == events.count)
      #expect(events[events.count - 1].time < label.churnTime)
      #expect(label.isChurned ? label.churnTime < end : label.churnTime == end)
      guard label.isChurned else { continue }
      let share = Double(label.churnTime - events[0].time) / Double(end - events[0].time)
      tenths[Int(share * 10)] += 1
    }
    // The time is uniform from the first event to the end.
    let mean = tenths.reduce(0, +) / 10
    let statistic = tenths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / mean }
    #expect(statistic < Tolerance.chiSquare(degrees: 9))
  }

  /// What leaving changes is that nothing follows.
  @Test func leavingCutsTheEvents() throws {
    let (all, cut) = (try log(.days(30)), try log(.churners(0.4, days: 30)))
    var cutCount = 0
    for user in 0..<all.userCount {
      let label = try #require(cut.label(of: user))
      let (before, after) = (all.events(of: user), cut.events(of: user))
      #expect(after == before.filter { $0.time < label.churnTime })
      cutCount += before.count - after.count
    }
    #expect(cutCount > 0)
  }

  /// More events than a person has within an hour tell bots from all others.
  @Test func botsAreFast() throws {
    let log = try log(.anomalies(0.3))
    var (bots, mistaken) = (0, 0)
    for user in 0..<log.userCount {
      let times = log.events(of: user).map(\.time)
      var (most, start) = (0, 0)
      for place in times.indices {
        while times[place] - times[start] >= 3_600 { start += 1 }
        most = max(most, place - start + 1)
      }
      let isBot = log.label(of: user)?.anomaly == .bot
      bots += isBot ? 1 : 0
      mistaken += isBot == (most > 181) ? 0 : 1
    }
    #expect(bots > 0 && mistaken == 0)
  }

  @Test func repeatersRepeat() throws {
    let log = try log(.anomalies(0.5))
    var (repeated, total) = (0.0, 0.0)
    for user in 0..<log.userCount where log.label(of: user)?.anomaly == .repeater {
      let items = log.events(of: user).map(\.item)
      repeated += Double(items.dropFirst().count { $0 == items[0] })
      total += Double(items.count - 1)
    }
    #expect(abs(repeated - 0.9 * total) < Tolerance.deviations * (0.09 * total).squareRoot())
  }

  /// Before, the account is that of its owner. After, it has another taste, which shows in the
  /// items that the same numbers draw, and three times as many visits.
  @Test func takenOverAccountsChange() throws {
    let (plain, odd) = (try log(.days(366)), try log(.anomalies(0.5)))
    var (longUsers, changedUsers) = (0, 0)
    for user in 0..<plain.userCount {
      let (owner, account) = (plain.events(of: user), odd.events(of: user))
      let label = try #require(odd.label(of: user))
      if label.anomaly == nil { #expect(owner == account) }
      #expect((label.anomaly == .takeover) == (label.takeoverTime != nil))
      guard let time = label.takeoverTime else { continue }
      let before = account.prefix { $0.time < time }
      #expect(Array(before) == owner.filter { $0.time < time })
      let common = min(owner.count, account.count)
      guard common >= before.count + 5 else { continue }
      longUsers += 1
      changedUsers += owner[..<common].map(\.item) == account[..<common].map(\.item) ? 0 : 1
    }
    #expect(changedUsers > longUsers / 2)
  }

  @Test func takenOverAccountsVisitMore() throws {
    let log = try ShopLog(
      users: 4_000, items: 400, eventsPerUser: 20...20, seed: 8, traits: .anomalies(0.5))
    let visits = ShopVisits(log).afterTakeover
    let bound = Tolerance.deviations * visits.variance.squareRoot()
    #expect(visits.mean > 1_000 && abs(visits.count - visits.mean) < bound)
  }

  @Test func labelFilesHoldTheLabels() throws {
    var traits = ShopTraits.churners(0.5)
    traits.anomalyShare = 0.5
    let log = try log(traits, users: 300)
    let file = try TemporaryFile("shop.user", bytes: nil)
    try log.writeLabels(to: file.path)
    let lines = String(decoding: try file.content(), as: UTF8.self).split(separator: "\n")
    #expect(
      lines[0]
        == "user_id:token\tchurned:float\tchurn_time:float\tanomaly:token\tanomaly_event:float\ttaste:token"
    )
    #expect(lines.count == 301)
    for (user, line) in lines.dropFirst().enumerated() {
      let label = try #require(log.label(of: user))
      let churned = label.isChurned ? 1 : 0
      let first = log.firstAnomalousEvent(of: user)
      let anomaly = first == nil ? "none" : "\(try #require(label.anomaly))"
      let (event, taste) = (first.map(String.init) ?? "", log.taste(of: user) + 1)
      #expect(
        line == "u\(user + 1)\t\(churned)\t\(label.churnTime)\t\(anomaly)\t\(event)\t\(taste)")
    }
  }

  /// That of the new owner is the first that is not before the takeover; without one there is none.
  @Test func anomaliesBeginWithAnEvent() throws {
    let log = try log(.anomalies(0.5), users: 300)
    var withoutEvent = 0
    for user in 0..<log.userCount {
      let (label, first) = (try #require(log.label(of: user)), log.firstAnomalousEvent(of: user))
      guard let time = label.takeoverTime else {
        #expect(first == (label.anomaly == nil ? nil : 1))
        continue
      }
      let events = log.events(of: user)
      withoutEvent += first == nil ? 1 : 0
      #expect(events.prefix((first ?? .max) - 1).allSatisfy { $0.time < time })
      #expect(first.map { events[$0 - 1].time >= time } ?? true)
    }
    #expect(withoutEvent > 0)
  }

  /// Six tastes, about equally many of each; of a log without an end nothing else is known.
  @Test func everyUserHasATaste() throws {
    let log = try log(.plain, users: 600)
    let file = try TemporaryFile("shop.user", bytes: nil)
    #expect(log.label(of: 0) == nil)
    try log.writeLabels(to: file.path)
    let lines = String(decoding: try file.content(), as: UTF8.self).split(separator: "\n")
    #expect(lines[0] == "user_id:token\ttaste:token" && lines.count == 601)
    let tastes = lines.dropFirst().map { $0.split(separator: "\t")[1] }
    let counts = Dictionary(grouping: tastes, by: \.self).mapValues(\.count)
    #expect(Set(counts.keys) == ["1", "2", "3", "4", "5", "6"])
    #expect(counts.values.allSatisfy { abs($0 - 100) < 40 })
  }
}
