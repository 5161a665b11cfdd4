import ClseqData
import ClseqShop
import ClseqTestSupport
import Testing

@Suite struct TargetTests {
  private static let rules: [TargetRule] = [
    .label(least: nil), .types(["click", "buy"]), .nextType, .nextFeature("price"), .returnTime,
    .userAttribute("age"), .userDuration("days", observed: "ended"), .churn, .futureCount,
    .futureSum("price"),
  ]

  private static let day: Int64 = 86_400_000_000

  /// User a: views on day 0, buys on day 1, views on day 9; user b: views on day 2 alone.
  private func dataset(users: String = "") throws -> SequenceDataset {
    let folder = try TemporaryFolder()
    let log = """
      user_id,item_id,event,timestamp,rating,price
      a,x,view,2024-01-01,2,10
      a,y,buy,2024-01-02,5,20
      b,x,view,2024-01-03,,30
      a,x,view,2024-01-10,4,40

      """
    let table = try folder.write(users.utf8, to: "users.csv")
    var needs = EventNeeds()
    needs.types = true
    needs.labels = true
    needs.features.requests = [FeatureRequest("price")]
    needs.leastUserEvents = 1
    return try SequenceDataset.load(
      path: try folder.write(log.utf8, to: "log.csv"), needs: needs,
      attributes: AttributeFiles(users: users.isEmpty ? nil : table))
  }

  /// Numbers that compare: NaN as -1.
  private func numbers(_ targets: Targets) -> [Double]? {
    guard case .numbers(let numbers) = targets.values else { return nil }
    return numbers.map { $0.isNaN ? -1 : $0 }
  }

  @Test func labelsAndTypesAreOfTheEventItself() throws {
    let data = try dataset()
    #expect(try numbers(Targets(.label(least: nil), of: data)) == [2, 5, 4, -1])
    #expect(try numbers(Targets(.label(least: 4), of: data)) == [0, 1, 1, -1])
    #expect(try numbers(Targets(.types(["buy"]), of: data)) == [0, 1, 0, 0])
  }

  @Test func whatComesNextIsOfTheSameUser() throws {
    let data = try dataset()
    let types = try Targets(.nextType, of: data)
    #expect(types.values == .classes([1, 0, -1, -1], names: ["view", "buy"]))
    #expect(types.classCount == 2 && types.isKnown(0) && !types.isKnown(2))
    #expect(try numbers(Targets(.nextFeature("price"), of: data)) == [20, 40, -1, -1])
    let returns = try Targets(.returnTime, of: data)
    let day = 86_400.0
    #expect(
      returns.values
        == .durations([day, 8 * day, 0, 7 * day], observed: [true, true, false, false]))
  }

  @Test func theFutureLiesWithinTheHorizon() throws {
    let data = try dataset()
    let horizon = 8 * Self.day
    let churn = try Targets(.churn, of: data, horizon: horizon)
    // The last event is on day 9, so the future begins on day 1, one microsecond later.
    #expect(churn.cutoff == data.times!.max()! - horizon + 1)
    #expect(numbers(churn) == [0, -1])
    #expect(try numbers(Targets(.futureCount, of: data, horizon: 6 * Self.day)) == [1, 0])
    #expect(try numbers(Targets(.futureSum("price"), of: data, horizon: 6 * Self.day)) == [40, 0])
    #expect(throws: DataError.self) { try Targets(.churn, of: data, horizon: 20 * Self.day) }
    #expect(throws: DataError.self) { try Targets(.churn, of: data) }
    // A horizon that ends after the log would take whoever has not come yet for gone.
    let late = data.times!.max()! - horizon + 2
    #expect(throws: DataError.self) {
      try Targets(.churn, of: data, horizon: horizon, cutoff: late)
    }
  }

  @Test func attributesOfUsers() throws {
    let table = "user_id,age,plan,days,ended\na,30,gold,12,1\nb,,free,40,0\n"
    let data = try dataset(users: table)
    #expect(try numbers(Targets(.userAttribute("age"), of: data)) == [30, -1])
    let plan = try Targets(.userAttribute("plan"), of: data)
    #expect(plan.values == .classes([0, 1], names: ["gold", "free"]))
    let days = try Targets(.userDuration("days", observed: "ended"), of: data)
    #expect(days.values == .durations([12, 40], observed: [true, false]))
    #expect(throws: DataError.self) {
      try Targets(.userDuration("days", observed: "age"), of: data)
    }
  }

  @Test func namesWhatIsMissing() throws {
    let items = try ShopLog(users: 3, items: 10, eventsPerUser: 5...5, seed: 1).dataset()
    for rule in Self.rules where rule != .returnTime && !rule.hasHorizon {
      #expect { try Targets(rule, of: items) } throws: { error in
        guard case DataError.lacks(_, let what, let purpose) = error else {
          if case DataError.unknownToken = error { return true }
          return false
        }
        return !what.isEmpty && purpose.contains(rule.text)
      }
    }
    #expect { try Targets(.types(["sell"]), of: try dataset()) } throws: { error in
      "\(error)".contains("sell") && "\(error)".contains("view, buy")
    }
  }
}
