import ClseqShop
import ClseqTestSupport

/// The visits in the events of ordinary users of a log with an end, beside what the documented
/// formula expects, by weekday and month.
struct ShopVisits {
  static let opening = 1_704_067_200
  /// [weekday * 12 + month] visits, and the mean and the variance of their number.
  private(set) var counts = [Double](repeating: 0, count: 84)
  private(set) var means = [Double](repeating: 0, count: 84)
  private(set) var variances = [Double](repeating: 0, count: 84)
  /// [hour] visits.
  private(set) var hours = [Double](repeating: 0, count: 24)
  /// Visits after an account was taken over, and the mean and the variance of their number.
  private(set) var afterTakeover = (count: 0.0, mean: 0.0, variance: 0.0)

  private static let months = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated().flatMap
  {
    Array(repeating: $0, count: $1)
  }

  /// Goes through all users of a log of 2024 whose bounds of events are one number.
  init(_ log: ShopLog) {
    for user in 0..<log.userCount {
      let takeover = log.label(of: user)?.takeoverTime.map(Self.day)
      add(
        log.events(of: user), expectedCount: Double(log.eventsPerUser.lowerBound),
        hasSeasons: log.traits.hasSeasons, takeoverDay: takeover ?? Self.months.count)
    }
  }

  private static func day(_ time: Int) -> Int { (time - opening) / 86_400 }

  /// A day after that of the event before has a visit with a probability that is known then, so
  /// that counts less their means are sums of martingale differences.
  private mutating func add(
    _ events: [ShopEvent], expectedCount: Double, hasSeasons: Bool, takeoverDay: Int
  ) {
    let firstDay = Self.day(events[0].time)
    let dayCount = Double(Self.months.count - firstDay)
    let rate = expectedCount / (max(5, 4 * expectedCount / dayCount) * dayCount)
    var place = 0
    hours[(events[0].time - Self.opening) / 3_600 % 24] += 1
    for day in firstDay + 1..<Self.months.count {
      // The visit goes on as long as pauses are short.
      while place + 1 < events.count, events[place + 1].time - events[place].time < 320 {
        place += 1
      }
      if Self.day(events[place].time) >= day { continue }
      let cell = day % 7 * 12 + Self.months[day]
      let season =
        hasSeasons ? ShopTraits.weekdayRates[day % 7] * ShopTraits.monthRates[Self.months[day]] : 1
      let probability = rate * season * (day > takeoverDay ? 3 : 1)
      let isVisit = place + 1 < events.count && Self.day(events[place + 1].time) == day
      means[cell] += probability
      variances[cell] += probability * (1 - probability)
      if day > takeoverDay {
        afterTakeover.count += isVisit ? 1 : 0
        afterTakeover.mean += probability
        afterTakeover.variance += probability * (1 - probability)
      }
      guard isVisit else { continue }
      counts[cell] += 1
      place += 1
      hours[(events[place].time - Self.opening) / 3_600 % 24] += 1
    }
  }
}
