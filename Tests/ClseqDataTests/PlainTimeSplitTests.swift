import ClseqData
import ClseqTestSupport
import Testing

/// A split by time beside the same in plain loops that copy everything.
@Suite struct PlainTimeSplitTests {
  private struct Event: Equatable {
    var item: Int32
    var time: Int64
    var type: Int32
  }

  /// What is asked of a user in a part.
  private struct Question: Equatable {
    var history: [Event]
    var target: Event
  }

  /// A log in which later events are of ever newer items.
  private static func log(seed: Int) throws -> SequenceDataset {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func random(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var text = "user_id,item_id,timestamp,event_type\n"
    for user in 0..<40 {
      var time = random(below: 50)
      for _ in 0..<3 + random(below: 12) {
        time += random(below: 20)
        text += "u\(user),i\(random(below: 10 + time)),\(time),\(["a", "b"][random(below: 2)])\n"
      }
    }
    var needs = EventNeeds()
    needs.types = true
    let file = try TemporaryFile("log.csv", text)
    return try SequenceDataset.load(path: file.path, needs: needs)
  }

  private static func events(_ dataset: SequenceDataset, _ places: Range<Int>) throws -> [Event] {
    let (times, types) = (try #require(dataset.times), try #require(dataset.events.types))
    return places.map { Event(item: dataset.items[$0], time: times[$0], type: types[$0]) }
  }

  @Test(arguments: 0..<12, [true, false])
  func aViewIsTheCopy(seed: Int, hasUnknown: Bool) throws {
    let plain = try Self.log(seed: seed)
    let dataset = hasUnknown ? plain.withUnknownItem() : plain
    let all = try Self.events(dataset, 0..<dataset.eventCount)
    let cuts = [Int64(30 + 4 * seed) * 1_000_000, Int64(70 + 3 * seed) * 1_000_000]
    let split = try Split.time(dataset, validationStart: cuts[0], testStart: cuts[1])
    let known = all.lazy.filter { $0.time < cuts[0] }.map(\.item).max() ?? 0
    #expect(split.dataset.itemCount == Int(known))
    #expect(split.dataset.eventCount == split.dataset.items.count)
    var cold: [Split.Part: Int] = [:]
    for user in 0..<dataset.userCount {
      let events = Array(all[Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])])
      let kept = events.filter { hasUnknown || $0.item <= known }
        .map { Event(item: min($0.item, known + 1), time: $0.time, type: $0.type) }
      let places = Int(split.dataset.offsets[user])..<Int(split.dataset.offsets[user + 1])
      #expect(try Self.events(split.dataset, places) == kept)
      #expect(
        try Self.events(split.dataset, split.training(of: user).indices)
          == kept.filter { $0.time < cuts[0] })
      for (part, start, end) in [
        (Split.Part.validation, cuts[0], cuts[1]), (.test, cuts[1], Int64.max),
      ] {
        #expect(
          try Self.events(split.dataset, split.targetPlaces(of: user, for: part))
            == kept.filter { $0.time >= start && $0.time < end })
        let target = events.first { $0.time >= start }.flatMap { $0.time < end ? $0 : nil }
        let history = kept.filter { $0.time < start }
        let hasTarget = target != nil && !history.isEmpty
        let isKnown = target.map { $0.item <= known } ?? false
        #expect(split.users(of: part).contains(Int32(user)) == (hasTarget && isKnown))
        guard hasTarget, let target else { continue }
        guard isKnown else {
          cold[part, default: 0] += 1
          continue
        }
        let place = split.targetPlace(of: user, for: part)
        #expect(try Self.events(split.dataset, place..<place + 1) == [target])
        #expect(
          try Self.events(split.dataset, split.history(of: user, for: part).indices) == history)
      }
    }
    for part in Split.Part.allCases {
      #expect(split.coldTargetCount(of: part) == cold[part, default: 0])
    }
    #expect(cold.values.reduce(0, +) > 0)
  }

  @Test(arguments: [0.0, 0.1, 0.333, 0.5, 0.9, 0.999])
  func aShareOfEventsIsCutAsBySorting(share: Double) throws {
    for seed in 0..<5 {
      let dataset = try Self.log(seed: seed)
      let sorted = try #require(dataset.times).sorted()
      let expected = sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
      #expect(try Split.time(of: dataset, afterShare: share) == expected)
    }
  }

  /// Microseconds of centuries take several passes.
  @Test func cutsOfTimesFarApart() throws {
    let times = ["1800-01-01", "1970-01-01", "1970-01-02", "1999-12-31", "2300-06-01"]
    let rows = times.enumerated().map { "u,i\($0),\($1)\n" }.joined()
    let file = try TemporaryFile("log.csv", "user_id,item_id,date\n" + rows)
    let dataset = try SequenceDataset.load(path: file.path)
    let sorted = Array(try #require(dataset.times))
    for (index, time) in sorted.enumerated() {
      #expect(try Split.time(of: dataset, afterShare: (Double(index) + 0.5) / 5) == time)
    }
  }

  @Test func leakedEventsAreThoseLaterThanTheMedianTarget() throws {
    for seed in 0..<5 {
      let split = Split.leaveOneOut(try Self.log(seed: seed))
      let times = try #require(split.dataset.times)
      let targets = split.users(of: .test).map {
        times[split.targetPlace(of: Int($0), for: .test)]
      }.sorted()
      let median = targets[(targets.count - 1) / 2]
      let leaked = (0..<split.dataset.userCount).reduce(0) { sum, user in
        sum + split.training(of: user).indices.count { times[$0] > median }
      }
      #expect(split.leakedEventCount == leaked && leaked > 0)
    }
  }
}
