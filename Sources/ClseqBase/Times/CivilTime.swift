/// A date and a time of day in the proleptic Gregorian calendar.
package struct CivilTime {
  package static let microsecondsPerSecond: Int64 = 1_000_000
  /// The accepted times: 0001-01-01 to the end of 9999-12-31, as microseconds since 1970.
  package static let range: ClosedRange<Int64> =
    -62_135_596_800 * microsecondsPerSecond...253_402_300_800 * microsecondsPerSecond - 1

  package var year = 1970
  package var month = 1
  package var day = 1
  package var hour = 0
  package var minute = 0
  package var second = 0
  package var microsecond = 0
  /// East of Greenwich.
  package var offsetMinutes = 0

  /// Microseconds since 1970-01-01 UTC; nil if there is no such day or time of day.
  package var microsecondsSince1970: Int64? {
    guard (1...9999).contains(year), (1...12).contains(month), (1...dayCount).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second)
    else { return nil }
    let seconds = daysSince1970 * 86_400 + hour * 3_600 + (minute - offsetMinutes) * 60 + second
    let time = Int64(seconds) * Self.microsecondsPerSecond + Int64(microsecond)
    return Self.range.contains(time) ? time : nil
  }

  private var isLeapYear: Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }

  private var dayCount: Int {
    switch month {
    case 2: isLeapYear ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Years are counted from March, so that the leap day is the last. The days before a month of
  /// such a year are (153 m + 2) / 5, and 719,468 lie between 0000-03-01 and 1970-01-01.
  /// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms",
  /// https://howardhinnant.github.io/date_algorithms.html.
  private var daysSince1970: Int {
    let marchYear = month > 2 ? year : year - 1
    let marchMonth = (month + 9) % 12
    let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
    return marchYear * 365 + leapDays + (153 * marchMonth + 2) / 5 + day - 1 - 719_468
  }
}

extension CivilTime {
  /// Midnight of a day, UTC.
  package init(year: Int = 1970, month: Int = 1, day: Int = 1) {
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// The date and the time of day, UTC, of a time.
  ///
  /// Eras of 400 years from 0000-03-01 on have 146,097 days each, and years of an era begin in March.
  /// Source: H. Hinnant, as above.
  package init(microsecondsSince1970 time: Int64) {
    let microsecondsPerDay = 86_400 * Self.microsecondsPerSecond
    let days = Int(time.floorDivided(by: microsecondsPerDay))
    let rest = Int(time - Int64(days) * microsecondsPerDay)
    let shifted = days + 719_468
    let era = Int(Int64(shifted).floorDivided(by: 146_097))
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    microsecond = rest % 1_000_000
    let seconds = rest / 1_000_000
    (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60)
  }
}

extension Int64 {
  /// The quotient, rounded down.
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
  }
}
