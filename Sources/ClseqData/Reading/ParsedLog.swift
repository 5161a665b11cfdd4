/// The distinct tokens of a log, numbered from 0 in the order in which they were first met.
struct LogTokens: Sendable {
  var users = TokenTable()
  var items = TokenTable()
  var eventTypes = TokenTable()
}

/// Where parsers put what they find.
///
/// Events are gathered by the hundred before their tokens are looked up: a look-up in a large table
/// is mostly waiting for memory, and the processor waits for several at once in a plain loop over
/// tokens, but not where each is followed by the parsing of a line.
struct ParsedLog {
  /// Room for an index plus one in 32 bits.
  static let maximumTokenCount = Int(Int32.max) - 1
  static let maximumEventTypeCount = Int(Int16.max)

  /// What a line may tell of its event beside what ``Interaction`` has.
  struct Details {
    var endTime: Int64?
    var session: UInt64?
    var label = Double.nan
  }

  /// The tokens so far; those of an earlier log may stand before those of this one.
  var tokens = LogTokens()
  var users: TokenTable { tokens.users }
  var items: TokenTable { tokens.items }
  var eventTypes: TokenTable { tokens.eventTypes }
  private(set) var featureColumns: [FeatureColumn] = []
  /// The roles that have a column.
  private(set) var columnRoles: Set<ColumnRole> = []
  /// The columns that are read, with their names.
  private(set) var columns: [ReadingReport.Column] = []
  /// Columns that are called as times are, and are not read.
  private(set) var otherTimeColumns: [String] = []

  /// The events that have been gathered; their tokens are known after ``resolve()``.
  private(set) var events: [Interaction] = []
  /// [event] its details; empty for formats that have none.
  private(set) var details: [Details] = []
  /// [event * features + feature] NaN where there is no number.
  private(set) var features: [Double] = []

  // The tokens of the last so many events, which have not been looked up.
  private var userKeys: [TokenKey] = []
  private var itemKeys: [TokenKey] = []

  /// Makes room for what the columns tell of an event.
  mutating func expect(_ plan: ColumnPlan) {
    featureColumns = plan.features.map(\.description)
    columnRoles = Set(plan.columns.map(\.role))
    columns =
      plan.columns.map { ReadingReport.Column(role: $0.role, name: plan.names[$0.column]) }
      + plan.features.map { ReadingReport.Column(role: .features, name: $0.description.name) }
    otherTimeColumns = plan.otherTimeColumns
  }

  /// Appends an event. If it throws, tokens and events are as before.
  mutating func append(
    user: Field, item: Field, time: Int64? = nil, eventType: Field? = nil
  ) throws(LineFault) {
    let (userKey, itemKey) = (TokenKey(user.bytes), TokenKey(item.bytes))
    let mostCount = max(users.count, items.count) + userKeys.count
    let isDeferred =
      !userKey.isHashed && !itemKey.isHashed && mostCount < Self.maximumTokenCount
    if !isDeferred {
      // Indices go by the order of the file.
      resolve()
      try Self.requireRoom(in: users, Self.maximumTokenCount, for: user, "users")
      try Self.requireRoom(in: items, Self.maximumTokenCount, for: item, "items")
    }
    var event = Interaction(user: -1, item: -1, time: time)
    if let eventType, !eventType.bytes.isEmpty {
      try Self.requireRoom(
        in: eventTypes, Self.maximumEventTypeCount, for: eventType, "event types")
      event.eventType = Int16(tokens.eventTypes.intern(eventType.bytes))
    }
    if isDeferred {
      userKeys.append(userKey)
      itemKeys.append(itemKey)
    } else {
      event.user = tokens.users.intern(user.bytes)
      event.item = tokens.items.intern(item.bytes)
    }
    events.append(event)
  }

  /// Appends what else is known of the event that was appended last.
  mutating func append(_ details: Details) {
    self.details.append(details)
  }

  /// Appends a feature of the event that was appended last.
  mutating func append(feature: Double) {
    features.append(feature)
  }

  /// Looks up the tokens of all events.
  mutating func resolve() {
    let start = events.count - userKeys.count
    events.withUnsafeMutableBufferPointer { events in
      tokens.users.intern(userKeys) { events[start + $0].user = $1 }
      tokens.items.intern(itemKeys) { events[start + $0].item = $1 }
    }
    userKeys.removeAll(keepingCapacity: true)
    itemKeys.removeAll(keepingCapacity: true)
  }

  /// Forgets the events that have been handed out.
  mutating func removeEvents() {
    events.removeAll(keepingCapacity: true)
    details.removeAll(keepingCapacity: true)
    features.removeAll(keepingCapacity: true)
  }

  private static func requireRoom(
    in table: TokenTable, _ limit: Int, for field: Field, _ noun: String
  ) throws(LineFault) {
    if table.count < limit || table.index(of: field.bytes) != nil { return }
    throw .field(field, expected: "at most \(limit) distinct \(noun)")
  }
}
