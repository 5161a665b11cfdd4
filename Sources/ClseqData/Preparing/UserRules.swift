/// The rules that depend only on the events of one user.
struct UserRules {
  /// The counts of dropped records so far.
  private var duplicateEventCount = 0
  private var repeatEventCount = 0
  private var botEventCount = 0
  private var botUserCount = 0
  private var oldEventCount = 0

  private let rules: CleaningRules
  private let hasTimes: Bool
  private static let hour: Int64 = 3_600_000_000

  /// - Parameter hasTimes: Without times no event is a duplicate, and no user is a bot.
  init(_ rules: CleaningRules, hasTimes: Bool) {
    self.rules = rules
    self.hasTimes = hasTimes
  }

  /// Applies the rules to the events of one partition, ordered by user, time and row.
  mutating func apply(to events: inout [SpooledEvent]) {
    var kept = 0
    var start = 0
    while start < events.count {
      let user = events[start].user
      var end = start
      while end < events.count && events[end].user == user { end += 1 }
      let first = kept
      for index in start..<end
      where keeps(events[index], after: kept > first ? events[kept - 1] : nil) {
        events[kept] = events[index]
        kept += 1
      }
      kept = first + finish(&events, first..<kept)
      start = end
    }
    events.removeSubrange(kept...)
  }

  private mutating func keeps(_ event: SpooledEvent, after last: SpooledEvent?) -> Bool {
    guard let last, last.item == event.item else { return true }
    if rules.dropsDuplicates && last.type == event.type && last.time == event.time && hasTimes {
      duplicateEventCount += 1
      return false
    }
    if rules.dropsRepeats {
      repeatEventCount += 1
      return false
    }
    return true
  }

  /// The rules over all events of a user. Returns the number of remaining events, which are at the start of the range.
  private mutating func finish(_ events: inout [SpooledEvent], _ range: Range<Int>) -> Int {
    if let most = rules.maxEventsPerHour, hasTimes, Self.isBot(events[range], most) {
      botUserCount += 1
      botEventCount += range.count
      return 0
    }
    guard let most = rules.maxUserEvents, range.count > most else { return range.count }
    oldEventCount += range.count - most
    for offset in 0..<most {
      events[range.lowerBound + offset] = events[range.upperBound - most + offset]
    }
    return most
  }

  /// Whether more than `most` events lie within any hour.
  private static func isBot(_ events: ArraySlice<SpooledEvent>, _ most: Int) -> Bool {
    events.indices.dropFirst(most).contains {
      events[$0].time - events[$0 - most].time < hour
    }
  }

  /// Reports the counts of each applied rule.
  func report(to report: inout CleaningReport) {
    if rules.dropsDuplicates { report.add("drop-duplicates", events: duplicateEventCount) }
    if rules.dropsRepeats { report.add("drop-repeats", events: repeatEventCount) }
    if rules.maxEventsPerHour != nil {
      report.add("max-events-per-hour", events: botEventCount, users: botUserCount)
    }
    if rules.maxUserEvents != nil { report.add("max-user-events", events: oldEventCount) }
  }
}
