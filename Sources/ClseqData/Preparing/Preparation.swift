/// Turns a log into ordered, clean events by user: reads it once, then works on one partition of
/// users at a time.
///
/// Memory is bounded by the distinct tokens, one partition and a budget; what is beyond it lies in
/// files.
struct Preparation: ~Copyable {
  /// Bytes of events that stay in memory.
  static let defaultByteBudget = 256 << 20

  let rules: CleaningRules
  private var spool: EventSpool
  private(set) var report = CleaningReport()
  /// Whether events have times.
  private(set) var hasTimes = false
  /// Events that are left, by user and by item; what was never left has none.
  private(set) var userCounts: [Int32] = []
  private(set) var itemCounts: [Int32] = []

  /// - Parameter folder: Where files go if need be.
  init(_ rules: CleaningRules, folder: String, byteBudget: Int = Preparation.defaultByteBudget) {
    self.rules = rules
    spool = EventSpool(folder: folder, byteBudget: byteBudget)
  }

  /// The number of partitions.
  var partitionCount: Int { spool.count }

  /// The events of a partition, by user, time and place in the log.
  func events(of partition: Int) throws(DataError) -> [SpooledEvent] {
    try spool.events(of: partition)
  }

  /// Reads a stream to its end, and leaves out events of dropped types.
  mutating func read(_ stream: inout InteractionStream) throws(DataError) {
    var droppedCount = 0
    // By type; grows as types appear.
    var isDropped: [Bool] = []
    while let event = try stream.next() {
      report.readEventCount += 1
      if let type = event.eventType.map({ Int($0) }) {
        while isDropped.count <= type {
          isDropped.append(rules.droppedTypes.contains(stream.eventTypes[isDropped.count]))
        }
        if isDropped[type] {
          droppedCount += 1
          continue
        }
      }
      hasTimes = hasTimes || event.time != nil
      try spool.append(
        SpooledEvent(
          user: event.user, item: event.item, time: event.time ?? 0,
          type: event.eventType.map { Int32($0) } ?? -1,
          row: UInt32(truncatingIfNeeded: report.readEventCount)))
    }
    report.skippedRecordCount = stream.faultCount
    report.readUserCount = stream.users.count
    report.readItemCount = stream.items.count
    if !rules.droppedTypes.isEmpty { report.add("drop-event", events: droppedCount) }
  }

  /// Orders the events and applies the rules.
  mutating func clean() throws(DataError) {
    var users = UserRules(rules, hasTimes: hasTimes)
    resetCounts()
    for partition in 0..<spool.count {
      var events = PartitionOrder.ordered(
        try spool.events(of: partition),
        firstUser: Int32(partition * EventSpool.usersPerPartition))
      users.apply(to: &events)
      count(events)
      try spool.replace(partition, by: events)
    }
    users.report(to: &report)
    try takeCore()
  }

  /// Drops users and items with too few events until all that are left have enough. The events of a
  /// user lie in one partition, so a sweep sees at once what dropping items leaves a user.
  private mutating func takeCore() throws(DataError) {
    let leastUser = Int32(clamping: max(rules.minUserEvents, 1))
    let leastItem = Int32(clamping: max(rules.minItemEvents, 1))
    guard leastUser > 1 || leastItem > 1 else { return }
    let before = (users: userCounts.count { $0 > 0 }, items: itemCounts.count { $0 > 0 })
    var droppedCount = 0
    while true {
      let (users, items) = (userCounts, itemCounts)
      resetCounts()
      var sweptCount = 0
      for partition in 0..<spool.count {
        var events = try spool.events(of: partition)
        let count = events.count
        events.removeAll {
          users[Int($0.user)] < leastUser || items[Int($0.item)] < leastItem
        }
        self.count(events)
        guard events.count < count else { continue }
        sweptCount += count - events.count
        try spool.replace(partition, by: events)
      }
      droppedCount += sweptCount
      if sweptCount == 0 { break }
    }
    report.add(
      "core", events: droppedCount, users: before.users - userCounts.count { $0 > 0 },
      items: before.items - itemCounts.count { $0 > 0 })
  }

  private mutating func resetCounts() {
    userCounts = [Int32](repeating: 0, count: report.readUserCount)
    itemCounts = [Int32](repeating: 0, count: report.readItemCount)
  }

  private mutating func count(_ events: [SpooledEvent]) {
    for event in events {
      userCounts[Int(event.user)] += 1
      itemCounts[Int(event.item)] += 1
    }
  }
}
