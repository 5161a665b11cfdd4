/// The statistics of a dataset that `clseq inspect` prints.
public struct DatasetStatistics: Sendable, Equatable, Codable {
  /// Users.
  public let users: Int
  /// Items that have an event.
  public let items: Int
  /// Events.
  public let events: Int
  /// Events of the unknown item; nil if the vocabulary has none.
  public let unknownEvents: Int?
  /// Events divided by users times items.
  public let density: Double
  /// Events of users.
  public let userEvents: Distribution
  /// Events of items.
  public let itemEvents: Distribution
  /// Share of events whose item the user has met before.
  public let repeatShare: Double
  /// Share of events with the item of the user's previous event.
  public let immediateRepeatShare: Double
  /// Share of test targets without a training event, which no model can learn to rank.
  public let coldTargetShare: Double
  /// Training events that are later than the median test target; nil if the log has no times.
  public let leakedEvents: Int?
  /// Sessions of all users; nil without sessions.
  public let sessions: Int?
  /// The first and the last time in microseconds since 1970; nil if the log has none.
  public let timeSpan: ClosedRange<Int64>?
  /// Attributes of users; nil without a table.
  public let userAttributes: AttributeTableStatistics?
  /// Attributes of items; nil without a table.
  public let itemAttributes: AttributeTableStatistics?

  /// Goes through the whole dataset once.
  ///
  /// - Parameter split: The split that defines training and test.
  public init(_ split: Split) {
    let dataset = split.dataset
    var itemCounts = [Int](repeating: 0, count: dataset.vocabulary.rowCount)
    var isTrained = [Bool](repeating: false, count: dataset.vocabulary.rowCount)
    // The user who met an item last, plus one.
    var lastUser = [Int32](repeating: 0, count: dataset.vocabulary.rowCount)
    var (repeats, immediate) = (0, 0)
    for user in 0..<dataset.userCount {
      var previous: Int32 = 0
      for item in dataset[user] {
        itemCounts[Int(item)] += 1
        if lastUser[Int(item)] == Int32(user + 1) { repeats += 1 }
        if item == previous { immediate += 1 }
        lastUser[Int(item)] = Int32(user + 1)
        previous = item
      }
      for item in split.training(of: user) { isTrained[Int(item)] = true }
    }
    let tested = split.users(of: .test)
    let cold =
      tested.count { !isTrained[Int(split.target(of: Int($0), for: .test))] }
      + split.coldTargetCount(of: .test)
    unknownEvents = dataset.vocabulary.unknown.map { itemCounts[Int($0)] }
    let met = itemCounts.prefix(dataset.itemCount + 1).filter { $0 > 0 }
    users = dataset.userCount
    items = met.count
    events = dataset.eventCount
    density = Double(events) / (Double(users) * Double(items))
    userEvents = Distribution(of: (0..<users).map { dataset[$0].count })
    itemEvents = Distribution(of: met)
    repeatShare = Double(repeats) / Double(events)
    immediateRepeatShare = Double(immediate) / Double(events)
    coldTargetShare = Double(cold) / Double(max(1, tested.count + split.coldTargetCount(of: .test)))
    userAttributes = dataset.userAttributes.map(AttributeTableStatistics.init)
    itemAttributes = dataset.itemAttributes.map(AttributeTableStatistics.init)
    leakedEvents = split.leakedEventCount
    sessions = dataset.events.sessions.map { numbers in
      (0..<dataset.userCount).reduce(0) { sum, user in
        sum + Int(dataset[user].indices.map { numbers[$0] }.max() ?? -1) + 1
      }
    }
    timeSpan = dataset.times.flatMap { times in
      times.min().flatMap { first in times.max().map { first...$0 } }
    }
  }

  private enum CodingKeys: String, CodingKey {
    case users, items, events, density
    case unknownEvents = "unknown_events"
    case userEvents = "user_events"
    case itemEvents = "item_events"
    case repeatShare = "repeat_share"
    case immediateRepeatShare = "immediate_repeat_share"
    case coldTargetShare = "cold_target_share"
    case leakedEvents = "leaked_events"
    case sessions
    case timeSpan = "time_span"
    case userAttributes = "user_attributes"
    case itemAttributes = "item_attributes"
  }
}
