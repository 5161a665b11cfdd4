import ClseqBase

/// Reads the times of one column, whose format is that of the first time unless it is given.
final class TimeReader {
  private(set) var format: TimeFormat
  /// Whether a time had digits finer than a microsecond, which are cut off.
  private(set) var hasCutDigits = false
  private let name: String
  /// Whether the format was recognised rather than given.
  private let isRecognized: Bool
  /// Whole numbers whose size fits the recognised unit; all numbers if it was given.
  private var likely: Range<Int64> = .min ..< .max

  /// - Parameter name: The name of a value of the column in messages, such as `a time`.
  init(_ format: TimeFormat, name: String) {
    self.format = format
    self.name = name
    isRecognized = format == .automatic
  }

  /// Microseconds since 1970-01-01 UTC.
  func microseconds(_ field: Field) throws(LineFault) -> Int64 {
    switch format {
    case .epoch(let unit): return try epoch(field, unit)
    case .iso8601:
      if field.bytes.count > Self.longestExactTime && Self.hasFinerDigits(field.bytes) {
        hasCutDigits = true
      }
      return try require(ISO8601.parse(field.bytes), field, "of ISO 8601")
    case .yyyymmdd: return try require(Self.compact(field.bytes), field, "yyyymmdd")
    case .pattern(let pattern):
      return try require(pattern.parse(field.bytes), field, "like \(pattern.text)")
    case .automatic:
      guard let recognized = Self.recognize(field.bytes) else {
        throw .field(field, expected: "\(name) (a number, ISO 8601 or yyyymmdd)")
      }
      format = recognized
      if case .epoch(let unit) = recognized { likely = unit.likely }
      // Zero is the same in every unit and decides none.
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
    if let count = DecimalNumber.natural(field.bytes) {
      if !likely.contains(count) { try requireUnit(unit, of: Double(count), field) }
      if let time = whole(count, unit), CivilTime.range.contains(time) { return time }
    }
    guard let value = DecimalNumber.parse(field.bytes) else {
      throw .field(field, expected: "\(name) that is a number")
    }
    try requireUnit(unit, of: value, field)
    // The last microsecond of the range is not a Double, so the range is checked in integers.
    let time = Int64(exactly: (value * unit.microseconds).rounded(.down))
    guard let time, CivilTime.range.contains(time) else {
      throw .field(field, expected: "\(name) in the years 1 to 9999, in \(unit.noun)")
    }
    return time
  }

  /// Throws if the unit was recognised from an earlier time and the size of this one is that of another.
  private func requireUnit(
    _ unit: TimeFormat.EpochUnit, of value: Double, _ field: Field
  ) throws(LineFault) {
    // Zero is the same in every unit.
    if !isRecognized || value == 0 || TimeFormat.EpochUnit(magnitude: value) == unit { return }
    throw .field(
      field,
      expected:
        "\(name) in \(unit.noun), as the first ones are (--time-format \(unit.rawValue) reads "
        + "all numbers so)")
  }

  /// The time of a plain natural number, the common case; nil on overflow.
  private func whole(_ count: Int64, _ unit: TimeFormat.EpochUnit) -> Int64? {
    if unit == .nanoseconds {
      if count % 1_000 != 0 { hasCutDigits = true }
      return count / 1_000
    }
    let (time, overflow) = count.multipliedReportingOverflow(by: Int64(unit.microseconds))
    return overflow ? nil : time
  }

  /// The length of `2021-03-15T10:00:00.123456`.
  private static let longestExactTime = 26

  /// Whether a seventh digit of a second's fraction, or a later one, is not 0.
  private static func hasFinerDigits(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard
      let point = bytes.firstIndex(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") })
    else { return false }
    return bytes[(point + 1)...].prefix { $0 &- UInt8(ascii: "0") <= 9 }.dropFirst(6)
      .contains { $0 != UInt8(ascii: "0") }
  }

  private static func recognize(_ bytes: UnsafeRawBufferPointer) -> TimeFormat? {
    if isLikelyDate(bytes) { return .yyyymmdd }
    if let value = DecimalNumber.parse(bytes) {
      return value == 0 ? .automatic : .epoch(TimeFormat.EpochUnit(magnitude: value))
    }
    return ISO8601.parse(bytes) == nil ? nil : .iso8601
  }

  /// Whether digits are `yyyymmdd` or `yyyymmddhhmmss` of the years 1900 to 2100.
  static func isLikelyDate(_ bytes: UnsafeRawBufferPointer) -> Bool {
    compact(bytes).map(likelyTimes.contains) ?? false
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
