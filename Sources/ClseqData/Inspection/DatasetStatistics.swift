/// What `clseq inspect` says of a dataset.
public struct DatasetStatistics: Sendable, Equatable, Codable {
  /// Users.
  public let users: Int
  /// Items that have an event.
  public let items: Int
  /// Events.
  public let events: Int
  /// Events divided by users times items.
  public let density: Double
  /// Events of users.
  public let userEvents: Distribution
  /// Events of items.
  public let itemEvents: Distribution
  /// Share of events whose item the user has met before.
  public let repeatShare: Double
  /// Share of events whose item is that of the event before.
  public let immediateRepeatShare: Double
  /// Share of test targets that no training part holds: no model can rank them for a reason.
  public let coldTargetShare: Double
  /// Training events of leave-one-out that are later than the median test target; nil where the log
  /// has no times.
  public let leakedEvents: Int?
  /// The first and the last time in microseconds since 1970; nil where the log has none.
  public let timeSpan: ClosedRange<Int64>?

  /// Goes through the whole dataset once.
  ///
  /// - Parameter split: The parts that training and test stand for.
  public init(_ split: Split) {
    let dataset = split.dataset
    var itemCounts = [Int](repeating: 0, count: dataset.itemCount + 1)
    var isTrained = [Bool](repeating: false, count: dataset.itemCount + 1)
    // The user who met an item last, plus one.
    var lastUser = [Int32](repeating: 0, count: dataset.itemCount + 1)
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
    let met = itemCounts.filter { $0 > 0 }
    users = dataset.userCount
    items = met.count
    events = dataset.eventCount
    density = Double(events) / (Double(users) * Double(items))
    userEvents = Distribution(of: (0..<users).map { dataset[$0].count })
    itemEvents = Distribution(of: met)
    repeatShare = Double(repeats) / Double(events)
    immediateRepeatShare = Double(immediate) / Double(events)
    coldTargetShare = Double(cold) / Double(max(1, tested.count + split.coldTargetCount(of: .test)))
    leakedEvents = Split.leaveOneOutLeak(of: dataset)
    timeSpan = dataset.times.flatMap { times in
      times.min().flatMap { first in times.max().map { first...$0 } }
    }
  }

  private enum CodingKeys: String, CodingKey {
    case users, items, events, density
    case userEvents = "user_events"
    case itemEvents = "item_events"
    case repeatShare = "repeat_share"
    case immediateRepeatShare = "immediate_repeat_share"
    case coldTargetShare = "cold_target_share"
    case leakedEvents = "leaked_events"
    case timeSpan = "time_span"
  }
}
