import ClseqBase

/// Turns a log into ordered, clean events by user: reads it once, then processes one partition of
/// users at a time. Of several logs each extends those before it: an event that is there already counts
/// once.
///
/// Memory is bounded by the distinct tokens, one partition and a budget; events beyond it are in
/// files.
struct Preparation: ~Copyable {
  /// The maximum bytes of events in memory.
  static let defaultByteBudget = 256 << 20
  /// Users of a partition: 32,768 of a hundred events each take 79 MB.
  static let usersPerPartition = 1 << 15

  let rules: DatasetRules
  let folder: String
  let byteBudget: Int
  var spool: PartitionSpool<SpooledEvent>
  var details: EventDetails
  /// The tokens of the logs that have been read.
  var tokens = LogTokens()
  /// The logs that have been read.
  var logs: [ReadLog] = []
  /// The dataset that others extend, if the first log is one: its items keep their indices.
  var base: SequenceDataset?
  /// Microseconds after which a session ends; nil for the sessions of a column.
  var sessionGap: Int64?
  /// Called with the progress of reading, ordering and gathering.
  var progress: ProgressHandler?
  /// The features of events; known after reading.
  var features: [FeatureRequest] = []
  /// The roles that have a column in the first log.
  var roles: Set<ColumnRole> = []
  var report = CleaningReport()
  /// Events of dropped types.
  var droppedTypeCount = 0
  /// Users with too few events after all other rules, with their events and items.
  private(set) var shortUsers: CleaningReport.Entry?
  /// Whether events have times.
  var hasTimes = false
  /// Whether some of the remaining items may be the unknown one.
  private(set) var hasUnknown = false
  /// The remaining events, by user and by item.
  private(set) var userCounts: [Int32] = []
  /// The counts of the log after reading, before any rule.
  var reading: ReadingReport?
  private(set) var itemCounts: [Int32] = []

  /// - Parameter folder: The folder of files, if they are necessary.
  init(_ rules: DatasetRules, folder: String, byteBudget: Int = Preparation.defaultByteBudget) {
    self.rules = rules
    self.folder = folder
    self.byteBudget = byteBudget
    sessionGap = rules.sessionGap
    spool = PartitionSpool(folder: folder, byteBudget: byteBudget)
    details = EventDetails(EventDetails.Layout(), folder: folder, byteBudget: 0)
  }

  /// The number of partitions.
  var partitionCount: Int { spool.count }

  /// The events of a partition, by user, time and place in the log.
  func events(of partition: Int) throws(DataError) -> [SpooledEvent] {
    try spool.records(of: partition)
  }

  /// The further values of the events of a partition.
  func rows(of partition: Int) throws(DataError) -> EventDetails.Rows {
    try details.rows(of: partition)
  }

  /// The values of every event besides user, item, type and time.
  var detailLayout: EventDetails.Layout { details.layout }

  /// Orders the events and applies the rules.
  mutating func clean() throws(DataError) {
    var users = UserRules(rules.cleaning, hasTimes: hasTimes)
    resetCounts()
    var orderedCount = 0
    var seen = SeenEvents(logs)
    for partition in 0..<spool.count {
      var events = PartitionOrder.ordered(
        try spool.records(of: partition),
        firstUser: Int32(partition * Self.usersPerPartition))
      orderedCount += events.count
      if logs.count > 1 { seen.leaveOut(of: &events, try rows(of: partition)) }
      users.apply(to: &events)
      count(events)
      progress?(TaskProgress("ordering", done: orderedCount, of: report.readEventCount))
      try spool.replace(partition, by: events)
    }
    if !rules.cleaning.droppedTypes.isEmpty { report.add("drop-event", events: droppedTypeCount) }
    if logs.count > 1 { report.add("seen", events: seen.count) }
    users.report(to: &report)
    if let warning = TokenCensus.shareWarning(userCounts, tokens.users) {
      reading?.warnings.append(warning)
    }
    try takeCore()
    try leaveOutShortUsers()
    hideRareItems()
  }

  /// Subtracts the events of users with too few of them from the counts of items, so that an item with
  /// no other events is not in the dataset.
  private mutating func leaveOutShortUsers() throws(DataError) {
    let least = Int32(clamping: rules.leastUserEvents)
    let short = userCounts.filter { $0 > 0 && $0 < least }
    guard !short.isEmpty else { return }
    let before = itemCounts.count { $0 > 0 }
    for partition in 0..<spool.count {
      for event in try spool.records(of: partition) where userCounts[Int(event.user)] < least {
        itemCounts[Int(event.item)] -= 1
      }
    }
    shortUsers = CleaningReport.Entry(
      rule: "users of fewer than \(least) events", events: short.reduce(0) { $0 + Int($1) },
      users: short.count, items: before - itemCounts.count { $0 > 0 })
  }

  /// Drops users and items with too few events until all remaining ones have enough. The events of a
  /// user are in one partition, so a pass sees a user's remaining events at once.
  private mutating func takeCore() throws(DataError) {
    // Items whose other events are those of users who are left out have too few as well.
    let leastUser = Int32(
      clamping: max(
        rules.cleaning.minUserEvents, rules.cleaning.minItemEvents > 1 ? rules.leastUserEvents : 1))
    let leastItem = Int32(clamping: max(rules.cleaning.minItemEvents, 1))
    guard leastUser > 1 || leastItem > 1 else { return }
    let before = (users: userCounts.count { $0 > 0 }, items: itemCounts.count { $0 > 0 })
    var droppedCount = 0
    while true {
      let (users, items) = (userCounts, itemCounts)
      resetCounts()
      var sweptCount = 0
      for partition in 0..<spool.count {
        var events = try spool.records(of: partition)
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

  /// Marks items with too few events as unknown.
  private mutating func hideRareItems() {
    let least = Int32(clamping: rules.cleaning.rareItemEvents)
    guard least > 1 else { return }
    let rare = itemCounts.filter { $0 > 0 && $0 < least }
    hasUnknown = true
    report.add(
      "rare-item-events", events: 0, items: rare.count,
      changedEvents: rare.reduce(0) { $0 + Int($1) })
  }

  /// Whether an item keeps its id.
  func isNamed(_ item: Int) -> Bool {
    itemCounts[item] > 0 && itemCounts[item] >= Int32(clamping: rules.cleaning.rareItemEvents)
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
