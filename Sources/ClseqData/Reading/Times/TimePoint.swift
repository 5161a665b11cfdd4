import ClseqBase

/// A point in the time of a log, from text: a time, or the end of a share of all events.
public enum TimePoint: Sendable, Equatable, CustomStringConvertible {
  /// Microseconds since 1970, UTC.
  case time(Int64)
  /// The time of the first event after this percentage of all events, from 0 to below 100.
  case percent(Double)

  /// The accepted form of a text, for messages.
  public static let expected =
    "a day (2026-01-31), a time (2026-01-31T12:00:00Z), a number of seconds or milliseconds since "
    + "1970, or a share of events (80%)"

  /// A time as in logs (ISO 8601, or a number of s, ms, µs or ns since 1970, by its size), or a
  /// share such as `80%`; nil for anything else, such as the 30th of February.
  public init?(_ text: String) {
    if text.hasSuffix("%") {
      guard let percent = Double(text.dropLast()), (0..<100).contains(percent) else { return nil }
      self = .percent(percent)
      return
    }
    // Four digits are meant as a year, but would be a second of 1970.
    let digits = text.utf8.count { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard !(digits == 4 && text.utf8.count == 4) else { return nil }
    var text = text
    guard let time = text.withUTF8({ TimeReader.time(of: UnsafeRawBufferPointer($0)) }) else {
      return nil
    }
    self = .time(time)
  }

  /// The text that ``init(_:)`` takes back.
  public var description: String {
    switch self {
    case .time(let time): Self.text(time)
    case .percent(let percent): "\(Int(exactly: percent).map(String.init) ?? "\(percent)")%"
    }
  }

  /// ISO 8601; at midnight the day alone.
  private static func text(_ time: Int64) -> String {
    let text = TimeText.iso8601(time)
    let midnight = "T00:00:00Z"
    return text.hasSuffix(midnight) ? String(text.dropLast(midnight.count)) : text
  }
}

extension TimeReader {
  /// The time of one text alone, in microseconds since 1970, as ``TimeFormat/automatic`` reads it.
  static func time(of bytes: UnsafeRawBufferPointer) -> Int64? {
    if let time = ISO8601.parse(bytes) { return time }
    guard DecimalNumber.parse(bytes) != nil else { return nil }
    return try? TimeReader(.automatic, name: "a time").microseconds(
      Field(offset: 0, bytes: bytes))
  }
}
