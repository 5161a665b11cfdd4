/// The days of a log with an end.
struct ShopCalendar: Sendable {
  static let secondsPerDay = 86_400
  /// The shop opens on 1 January 2024, UTC, a Monday.
  static let opening = 1_704_067_200
  private static let openingYear = 2024

  /// [day] r(d), the factor of the probability of a visit.
  let rates: [Double]
  /// [day] the season: the quarter from 0, or 0 throughout.
  let seasons: [UInt8]
  /// Hours, each repeated in proportion to its share.
  private let hours: [Int]

  init(dayCount: Int, hasSeasons: Bool) {
    guard hasSeasons else {
      rates = Array(repeating: 1, count: dayCount)
      seasons = Array(repeating: 0, count: dayCount)
      hours = Array(0..<24)
      return
    }
    let months = Self.months(dayCount)
    rates = months.enumerated().map { day, month in
      ShopTraits.weekdayRates[day % 7] * ShopTraits.monthRates[month]
    }
    seasons = months.map { UInt8($0 / 3) }
    hours = ShopTraits.hourShares.enumerated().flatMap { hour, share in
      repeatElement(hour, count: share)
    }
  }

  var dayCount: Int { rates.count }

  /// The first second after the log.
  var end: Int { Self.opening + dayCount * Self.secondsPerDay }

  /// The day of a time, from 0.
  func day(of time: Int) -> Int { (time - Self.opening) / Self.secondsPerDay }

  /// A time on a day.
  ///
  /// - Parameter integer: Draws a number below a bound: the hour first (0), then the second (1).
  func time(on day: Int, _ integer: (_ bound: Int, _ draw: UInt64) -> Int) -> Int {
    let hour = hours[integer(hours.count, 0)]
    return Self.opening + day * Self.secondsPerDay + hour * 3_600 + integer(3_600, 1)
  }

  /// [day] the month, from 0.
  private static func months(_ dayCount: Int) -> [Int] {
    var months: [Int] = []
    var year = openingYear
    while months.count < dayCount {
      let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      for (month, length) in lengths.enumerated() {
        months.append(contentsOf: repeatElement(month, count: length))
      }
      year += 1
    }
    return Array(months.prefix(dayCount))
  }
}
