/// Reads the times of one column, and remembers how they are written once it has seen that.
final class TimeReader {
  private var format: TimeFormat
  private let name: String

  /// - Parameter name: What messages call a value of the column, such as `a time`.
  init(_ format: TimeFormat, name: String) {
    self.format = format
    self.name = name
  }

  /// Microseconds since 1970-01-01 UTC.
  func microseconds(_ field: Field) throws(LineFault) -> Int64 {
    switch format {
    case .epoch(let unit): return try epoch(field, unit)
    case .iso8601: return try require(ISO8601.parse(field.bytes), field, "of ISO 8601")
    case .yyyymmdd: return try require(Self.compact(field.bytes), field, "yyyymmdd")
    case .pattern(let pattern):
      return try require(pattern.parse(field.bytes), field, "like \(pattern.text)")
    case .automatic:
      guard let recognized = Self.recognize(field.bytes) else {
        throw .field(field, expected: "\(name) (a number, ISO 8601 or yyyymmdd)")
      }
      format = recognized
      // Zero is the same in every unit, and tells none.
      if case .automatic = recognized { return 0 }
      return try microseconds(field)
    }
  }

  private func require(
    _ time: Int64?, _ field: Field, _ form: String
  ) throws(LineFault) -> Int64 {
    if let time { return time }
    throw .field(field, expected: "\(name) \(form)")
  }

  private func epoch(
    _ field: Field, _ unit: TimeFormat.EpochUnit
  ) throws(LineFault) -> Int64 {
    if let time = Self.whole(field.bytes, unit), CivilTime.range.contains(time) { return time }
    guard let value = DecimalNumber.parse(field.bytes) else {
      throw .field(field, expected: "\(name) that is a number")
    }
    // The last microsecond of the range is no Double, so that the range is checked as integers.
    let time = Int64(exactly: (value * unit.microseconds).rounded(.down))
    guard let time, CivilTime.range.contains(time) else {
      throw .field(field, expected: "\(name) in the years 1 to 9999, in \(unit.noun)")
    }
    return time
  }

  /// The time of a plain natural number, as nearly all are; nil for others and for what overflows.
  private static func whole(
    _ bytes: UnsafeRawBufferPointer, _ unit: TimeFormat.EpochUnit
  ) -> Int64? {
    guard let count = DecimalNumber.natural(bytes) else { return nil }
    if unit == .nanoseconds { return count / 1_000 }
    let (time, overflow) = count.multipliedReportingOverflow(by: Int64(unit.microseconds))
    return overflow ? nil : time
  }

  private static func recognize(_ bytes: UnsafeRawBufferPointer) -> TimeFormat? {
    if let time = compact(bytes), likelyTimes.contains(time) { return .yyyymmdd }
    if let value = DecimalNumber.parse(bytes) {
      return value == 0 ? .automatic : .epoch(TimeFormat.EpochUnit(magnitude: value))
    }
    return ISO8601.parse(bytes) == nil ? nil : .iso8601
  }

  /// From 1900 to the end of 2100.
  private static let likelyTimes: ClosedRange<Int64> =
    -2_208_988_800_000_000...4_133_980_799_999_999

  /// `yyyymmdd` or `yyyymmddhhmmss`.
  private static func compact(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    guard bytes.count == 8 || bytes.count == 14 else { return nil }
    var scanner = DigitScanner(bytes)
    guard let year = scanner.number(digits: 4), let month = scanner.number(digits: 2),
      let day = scanner.number(digits: 2)
    else { return nil }
    var time = CivilTime(year: year, month: month, day: day)
    if !scanner.isAtEnd {
      guard let hour = scanner.number(digits: 2), let minute = scanner.number(digits: 2),
        let second = scanner.number(digits: 2)
      else { return nil }
      (time.hour, time.minute, time.second) = (hour, minute, second)
    }
    return time.microsecondsSince1970
  }
}
