/// The rules that remove records from a log before it becomes training data.
///
/// Rules apply in the order of the properties. The minima of users and items are repeated until
/// nothing changes, so that every remaining user and item has the minimum counts (a k-core
/// of the graph of users and items; Seidman, Network structure and minimum degree, 1983).
public struct CleaningRules: Sendable, Equatable, Codable {
  /// Event types that are dropped.
  public var droppedTypes: [String] = []
  /// Whether an event that equals the one before it in user, item, type and time is dropped.
  public var dropsDuplicates = false
  /// Whether an event with the item of the user's event before it is dropped.
  public var dropsRepeats = false
  /// Users with more events than this within any hour are dropped as bots; nil keeps all.
  public var maxEventsPerHour: Int?
  /// Only a user's latest events are kept, at most this many; nil keeps all.
  public var maxUserEvents: Int?
  /// Users with fewer events are dropped; 0 keeps all.
  public var minUserEvents = 0
  /// Items with fewer events are dropped; 0 keeps all.
  public var minItemEvents = 0
  /// Items with fewer events become the one unknown item, which is an input and never ranked; their
  /// events are kept. 0 keeps all items.
  public var rareItemEvents = 0

  /// Keeps everything.
  public init() {}

  private enum CodingKeys: String, CodingKey {
    case droppedTypes = "drop_event"
    case dropsDuplicates = "drop_duplicates"
    case dropsRepeats = "drop_repeats"
    case maxEventsPerHour = "max_events_per_hour"
    case maxUserEvents = "max_user_events"
    case minUserEvents = "min_user_events"
    case minItemEvents = "min_item_events"
    case rareItemEvents = "rare_item_events"
  }
}

/// The counts of removed records, per rule.
public struct CleaningReport: Sendable, Equatable, Codable {
  /// One rule's share.
  public struct Entry: Sendable, Equatable, Codable {
    /// The rule's name on the command line.
    public let rule: String
    /// Events dropped.
    public var events: Int
    /// Users dropped with all their events.
    public var users: Int
    /// Items dropped with all their events, or made the unknown one.
    public var items: Int
    /// Events that were kept and changed.
    public var changedEvents = 0

    /// The rule as a reason for records that are left out.
    var reason: String {
      switch rule {
      case "drop-event": "types that --drop-event names"
      case "seen": "earlier logs have them already"
      case "drop-duplicates": "the same user, item, type and time as the event before"
      case "drop-repeats": "the item of the user's event before"
      case "max-events-per-hour": "users with more events in an hour than --max-events-per-hour"
      case "max-user-events": "older than the latest --max-user-events of their users"
      case "core": "users or items with too few events"
      default: rule
      }
    }

    private enum CodingKeys: String, CodingKey {
      case rule, events, users, items
      case changedEvents = "changed_events"
    }
  }

  /// Events read.
  public var readEventCount = 0
  /// Records skipped because they lack a value; they are not events.
  public var incompleteRecordCount = 0
  /// Distinct users read.
  public var readUserCount = 0
  /// Distinct items read.
  public var readItemCount = 0
  /// Malformed records that were skipped; they are not events.
  public var skippedRecordCount = 0
  /// The applied rules, in order.
  public var entries: [Entry] = []

  /// Nothing read yet.
  public init() {}

  /// The remaining events.
  public var keptEventCount: Int { entries.reduce(readEventCount) { $0 - $1.events } }

  mutating func add(
    _ rule: String, events: Int, users: Int = 0, items: Int = 0, changedEvents: Int = 0
  ) {
    entries.append(
      Entry(rule: rule, events: events, users: users, items: items, changedEvents: changedEvents))
  }

  private enum CodingKeys: String, CodingKey {
    case readEventCount = "read_events"
    case readUserCount = "read_users"
    case readItemCount = "read_items"
    case skippedRecordCount = "skipped_records"
    case incompleteRecordCount = "incomplete_records"
    case entries = "rules"
  }
}
