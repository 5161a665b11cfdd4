import ClseqBase

/// A user of a log with an end: visits by the day, until the user leaves or the log ends.
struct CalendarShopper {
  private static let usualVisitLength = 5.0
  private static let takeoverFactor = 3.0
  private static let favouriteShare = 0.9

  private let calendar: ShopCalendar
  private let history: ShopHistory
  private let itemCount: Int
  private let end: Int
  /// v, the mean number of events of a visit.
  private let visitLength: Double
  /// n / (v D), the probability of a visit on an ordinary day.
  private let visitRate: Double
  /// Draws within visits, other than those of items and types.
  private var draws: RandomSequence
  private var shopper: Shopper
  private var season = 0
  private var firstItem: Int?
  /// Where in the catalogue a bot goes on.
  private var nextScanned = 0
  private var lastTime: Int

  init(user: Int, of log: ShopLog, _ calendar: ShopCalendar) {
    self.calendar = calendar
    shopper = Shopper(user: user, of: log)
    history = ShopHistory(user: user, taste: shopper.taste, of: log, calendar)
    itemCount = log.itemCount
    end = history.churnTime ?? calendar.end
    let eventCount = Double(shopper.eventCount)
    let dayCount = Double(calendar.dayCount - calendar.day(of: history.firstTime))
    visitLength = max(Self.usualVisitLength, 4 * eventCount / dayCount)
    visitRate = eventCount / (visitLength * dayCount)
    draws = RandomSequence(
      CounterRandom(seed: log.seed, ShopCatalogue.Purpose.visits, UInt64(user)))
    lastTime = history.firstTime
  }

  /// Appends the user's events in the order of time.
  mutating func appendEvents(to events: inout [ShopEvent]) {
    visit(at: history.firstTime, &events)
    for day in calendar.day(of: history.firstTime) + 1..<calendar.dayCount {
      guard day > calendar.day(of: lastTime) else { continue }
      let factor = day > takeoverDay ? Self.takeoverFactor : 1
      let probability = visitRate * factor * calendar.rates[day]
      guard let start = history.visit(on: day, probability: probability, calendar) else { continue }
      if start >= end { return }
      visit(at: start, &events)
    }
  }

  private var takeoverDay: Int {
    history.takeoverTime.map(calendar.day) ?? calendar.dayCount
  }

  /// The events of one visit.
  private mutating func visit(at start: Int, _ events: inout [ShopEvent]) {
    season = Int(calendar.seasons[calendar.day(of: start)])
    var time = start
    var remaining = history.anomaly == .bot ? 200 + draws.integer(below: 200) : .max
    while time < end, remaining > 0 {
      if let takeover = history.takeoverTime, time >= takeover {
        shopper.taste = history.takeoverTaste
      }
      guard let item = nextItem() else { return }
      events.append(ShopEvent(item: item, kind: shopper.nextKind(item), time: time))
      lastTime = time
      if history.anomaly == .bot {
        remaining -= 1
        time += 1 + draws.integer(below: 2)
      } else {
        if draws.uniform() * visitLength < 1 { return }
        time += 20 + draws.integer(below: 300)
      }
    }
  }

  /// The next item; nil once the user has met enough of them.
  private mutating func nextItem() -> Int? {
    guard let firstItem else {
      let item = shopper.nextItem(season: season)
      (firstItem, nextScanned) = (item, item + 1)
      return item
    }
    switch history.anomaly {
    case .bot:
      let item = nextScanned % itemCount
      nextScanned = item + 1
      return item
    case .repeater where draws.uniform() < Self.favouriteShare:
      return firstItem
    default:
      return 2 * shopper.metCount < itemCount ? shopper.nextItem(season: season) : nil
    }
  }
}
