/// Optional traits of a shop's log: an end, seasons, users who leave for good, users with an anomaly,
/// event types that can be predicted.
///
/// All of it is off in ``plain``. A log with any of ``dayCount``, seasons, churners or anomalies
/// has a calendar, and truths about when its users stop (``ShopLog/writeLabels(to:)``):
///
/// - It opens on 2024-01-01 UTC and ends after ``dayCount`` days. A user first comes on one of the
///   first sixth of the days, all equally likely.
/// - Each later day d, unless the user's previous visit reaches into it, has a visit with
///   the probability n r(d) / (v D), where D is the number of days from the first visit's to the
///   end, n the number of events drawn from the bounds of the log, v = max(5, 4 n / D) the mean
///   number of events of a visit, and r(d) = 1, with seasons the rate of the weekday times that of
///   the month (``weekdayRates``, ``monthRates``). So about n events are expected after the first
///   visit, and more or fewer come.
/// - A visit begins in any hour alike, with seasons by ``hourShares``, and goes on after each event
///   with the probability 1 − 1/v, after 20 to 319 seconds. No user meets more than half of the
///   items.
public struct ShopTraits: Sendable, Equatable {
  /// No traits: each user stops after a number of events.
  public static let plain = ShopTraits()
  /// The default number of days of a calendar: all of 2024.
  public static let usualDayCount = 366
  /// The bounds of the number of days of a calendar.
  public static let dayCounts = 7...36_600

  /// Monday to Sunday, 1 on average.
  public static let weekdayRates = [0.9, 0.9, 0.9, 0.95, 1.05, 1.2, 1.1]
  /// January to December, 1 on average.
  public static let monthRates = [
    0.8, 0.8, 0.9, 0.9, 0.95, 1, 0.9, 0.9, 1, 1.1, 1.45, 1.3,
  ]
  /// Midnight to eleven in the evening, UTC, in percent.
  public static let hourShares = [
    2, 1, 1, 1, 1, 1, 2, 3, 4, 4, 5, 5, 6, 4, 4, 5, 5, 6, 7, 8, 9, 8, 5, 3,
  ]

  /// The number of days of the log; nil if no trait needs a calendar.
  public var dayCount: Int?
  /// Whether activity follows the weekday, the month and the hour, and taste the quarter: a
  /// category's taste weighs three times as much in its high quarter.
  public var hasSeasons = false
  /// The share of users who stop for good, at a time after their first event that is uniform up to
  /// the log's end T: at time t the hazard is 1 / (T − t).
  public var churnerShare = 0.0
  /// The share of users with an ``ShopAnomaly``, each equally likely.
  public var anomalyShare = 0.0
  /// Whether the type of an event depends on the previous event: a Markov chain over the types, of
  /// which each category of items has its own; a first event has the type that its item gives.
  public var hasTypedEvents = false

  /// No traits.
  public init() {}

  /// Whether the log has an end.
  var hasCalendar: Bool {
    dayCount != nil || hasSeasons || churnerShare > 0 || anomalyShare > 0
  }

  /// The value that is out of its bounds, as a message.
  var fault: String? {
    for (name, share) in [("churners", churnerShare), ("anomalies", anomalyShare)]
    where !(0...1).contains(share) {
      return "a share of \(share) \(name): from 0 to 1"
    }
    if let dayCount, !Self.dayCounts.contains(dayCount) {
      return "\(dayCount) days: a log has \(Self.dayCounts.lowerBound) to "
        + "\(Self.dayCounts.upperBound)"
    }
    return nil
  }
}
