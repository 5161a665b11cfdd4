import ClseqBase

/// Turns a log into ordered, clean events by user: reads it once, then processes one partition of
/// users at a time.
///
/// Memory is bounded by the distinct tokens, one partition and a budget; events beyond it are in
/// files.
struct Preparation: ~Copyable {
  /// The maximum bytes of events in memory.
  static let defaultByteBudget = 256 << 20
  /// Users of a partition: 32,768 of a hundred events each take 79 MB.
  static let usersPerPartition = 1 << 15

  let rules: DatasetRules
  private let folder: String
  private let byteBudget: Int
  private var spool: PartitionSpool<SpooledEvent>
  private var details: EventDetails
  /// The users of the log, once it has been read.
  private var userTokens = TokenTable()
  /// Called with the progress of reading, ordering and gathering.
  var progress: ProgressHandler?
  /// The features of events; known after reading.
  private(set) var features: [FeatureRequest] = []
  private(set) var report = CleaningReport()
  /// Users with too few events after all other rules, with their events and items.
  private(set) var shortUsers: CleaningReport.Entry?
  /// Whether events have times.
  private(set) var hasTimes = false
  /// Whether some of the remaining items may be the unknown one.
  private(set) var hasUnknown = false
  /// The remaining events, by user and by item.
  private(set) var userCounts: [Int32] = []
  /// The counts of the log after reading, before any rule.
  private(set) var reading: ReadingReport?
  private(set) var itemCounts: [Int32] = []

  /// - Parameter folder: The folder of files, if they are necessary.
  init(_ rules: DatasetRules, folder: String, byteBudget: Int = Preparation.defaultByteBudget) {
    self.rules = rules
    self.folder = folder
    self.byteBudget = byteBudget
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

  /// Reads a stream to its end, and leaves out events of dropped types.
  mutating func read(_ stream: inout InteractionStream) throws(DataError) {
    var droppedCount = 0
    // By type; grows as types appear.
    var isDropped: [Bool] = []
    while let event = try stream.next() {
      if report.readEventCount == 0 { try meetColumns(of: stream, hasTimes: event.time != nil) }
      report.readEventCount += 1
      if report.readEventCount & 0xFFFF == 0 {
        progress?(TaskProgress("reading", done: report.readEventCount, of: nil))
      }
      guard let row = UInt32(exactly: report.readEventCount) else {
        throw .unsupported(
          path: stream.path, reason: "a log of more than \(UInt32.max) events; split it")
      }
      if let type = event.eventType.map({ Int($0) }) {
        while isDropped.count <= type {
          isDropped.append(rules.cleaning.droppedTypes.contains(stream.eventTypes[isDropped.count]))
        }
        if isDropped[type] {
          droppedCount += 1
          continue
        }
      }
      let spooled = SpooledEvent(
        user: event.user, item: event.item, time: event.time ?? 0,
        type: event.eventType.map { Int32($0) } ?? -1, row: row)
      let partition = Int(event.user) / Self.usersPerPartition
      try spool.append(spooled, to: partition)
      try details.append(spooled, of: stream, to: partition)
    }
    try requireSubjects(of: stream)
    report.skippedRecordCount = stream.faultCount
    report.incompleteRecordCount = stream.incompleteCount
    report.readUserCount = stream.users.count
    report.readItemCount = stream.items.count
    userTokens = stream.users
    reading = stream.report
    reading?.events = report.readEventCount
    if !rules.cleaning.droppedTypes.isEmpty { report.add("drop-event", events: droppedCount) }
  }

  /// Decides the further values of events after the columns are known.
  private mutating func meetColumns(
    of stream: borrowing InteractionStream, hasTimes: Bool
  ) throws(DataError) {
    self.hasTimes = hasTimes
    let roles = stream.columnRoles
    features = rules.features.resolved(
      columns: stream.featureColumns, hasEndTimes: hasTimes && roles.contains(.endTime))
    for feature in features {
      if let column = feature.column, !stream.featureColumns.contains(column) {
        throw .lacks(path: stream.path, what: "column '\(column.name)'", purpose: "a feature")
      }
      guard let source = feature.origin.source else { continue }
      let isThere = hasTimes && (feature.origin != .duration || roles.contains(.endTime))
      guard isThere else {
        throw .lacks(path: stream.path, what: source, purpose: "the \(feature.name) of events")
      }
    }
    if rules.sessionGap != nil && !hasTimes {
      throw .lacks(path: stream.path, what: "times", purpose: "sessions by a gap")
    }
    var layout = EventDetails.Layout()
    layout.featureCount = features.count { $0.column != nil }
    layout.hasDuration = features.contains { $0.origin == .duration }
    layout.hasLabel = roles.contains(.label)
    layout.hasSession = roles.contains(.session) && rules.sessionGap == nil
    details = EventDetails(layout, folder: folder, byteBudget: byteBudget / 2)
  }

  /// Orders the events and applies the rules.
  mutating func clean() throws(DataError) {
    var users = UserRules(rules.cleaning, hasTimes: hasTimes)
    resetCounts()
    var orderedCount = 0
    for partition in 0..<spool.count {
      var events = PartitionOrder.ordered(
        try spool.records(of: partition),
        firstUser: Int32(partition * Self.usersPerPartition))
      orderedCount += events.count
      users.apply(to: &events)
      count(events)
      progress?(TaskProgress("ordering", done: orderedCount, of: report.readEventCount))
      try spool.replace(partition, by: events)
    }
    users.report(to: &report)
    if let warning = TokenCensus.shareWarning(userCounts, userTokens) {
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
