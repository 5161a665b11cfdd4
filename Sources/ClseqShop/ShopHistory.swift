import ClseqBase

/// Properties of a user of a log with an end that are drawn before the first event. Churn and anomaly
/// have random streams of their own: without them the user's events up to that time are the same.
struct ShopHistory {
  let firstTime: Int
  /// When the user left for good; nil for one who is still there at the log's end.
  let churnTime: Int?
  let anomaly: ShopAnomaly?
  /// When someone else took the account over; that of a ``ShopAnomaly/takeover`` alone.
  let takeoverTime: Int?
  /// The taste from then on.
  let takeoverTaste: Int
  /// Draws per day: whether there is a visit, and its time.
  private let days: CounterRandom

  init(user: Int, taste: Int, of log: ShopLog, _ calendar: ShopCalendar) {
    let random = CounterRandom(seed: log.seed, ShopCatalogue.Purpose.histories, UInt64(user))
    days = CounterRandom(seed: log.seed, ShopCatalogue.Purpose.days, UInt64(user))
    let firstDay = random.integer(below: max(1, calendar.dayCount / 6), 0)
    let firstTime = Self.start(firstDay, calendar, days)
    self.firstTime = firstTime
    func laterTime(_ counter: UInt64) -> Int {
      firstTime + 1 + random.integer(below: calendar.end - firstTime - 1, counter)
    }
    churnTime = random.uniform(1) < log.traits.churnerShare ? laterTime(2) : nil
    let isAnomalous = random.uniform(3) < log.traits.anomalyShare
    let kinds = ShopAnomaly.allCases
    anomaly = isAnomalous ? kinds[random.integer(below: kinds.count, 4)] : nil
    takeoverTime = anomaly == .takeover ? laterTime(5) : nil
    let shift = 1 + random.integer(below: ShopCatalogue.tasteCount - 1, 6)
    takeoverTaste = (taste + shift) % ShopCatalogue.tasteCount
  }

  /// When a visit begins on a day; nil if there is none.
  func visit(on day: Int, probability: Double, _ calendar: ShopCalendar) -> Int? {
    guard days.uniform(3 * UInt64(day)) < probability else { return nil }
    return Self.start(day, calendar, days)
  }

  private static func start(_ day: Int, _ calendar: ShopCalendar, _ days: CounterRandom) -> Int {
    calendar.time(on: day) { bound, draw in
      days.integer(below: bound, 3 * UInt64(day) + 1 + draw)
    }
  }
}
