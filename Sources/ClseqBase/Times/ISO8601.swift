/// Reads times of ISO 8601 in the forms of the extended format that logs use.
///
///     2021-03-15
///     2021-03-15T10:00    2021-03-15 10:00:00    2021-03-15T10:00:00.123456
///
/// A zone may follow a time of day: `Z`, `+08:00`, `+0800`, `+08`, or ` UTC` as Spark and pandas
/// write it. Without one the time is UTC.
package enum ISO8601 {
  /// Microseconds since 1970; nil for anything else, such as the 30th of February.
  package static func parse(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    var scanner = DigitScanner(bytes)
    var time = CivilTime()
    guard let year = scanner.number(digits: 4), scanner.take(UInt8(ascii: "-")),
      let month = scanner.number(digits: 2), scanner.take(UInt8(ascii: "-")),
      let day = scanner.number(digits: 2)
    else { return nil }
    (time.year, time.month, time.day) = (year, month, day)
    if !scanner.isAtEnd && !timeOfDay(&scanner, &time) { return nil }
    return scanner.isAtEnd ? time.microsecondsSince1970 : nil
  }

  private static func timeOfDay(_ scanner: inout DigitScanner, _ time: inout CivilTime) -> Bool {
    guard scanner.take(UInt8(ascii: "T")) || scanner.take(UInt8(ascii: " ")),
      let hour = scanner.number(digits: 2), scanner.take(UInt8(ascii: ":")),
      let minute = scanner.number(digits: 2)
    else { return false }
    (time.hour, time.minute) = (hour, minute)
    if scanner.take(UInt8(ascii: ":")) {
      guard let second = scanner.number(digits: 2) else { return false }
      time.second = second
      if scanner.take(UInt8(ascii: ".")) || scanner.take(UInt8(ascii: ",")) {
        guard let fraction = scanner.fraction() else { return false }
        time.microsecond = fraction
      }
    }
    if scanner.isAtEnd || scanner.take(" UTC") { return true }
    guard let offset = scanner.zone() else { return false }
    time.offsetMinutes = offset
    return true
  }
}
