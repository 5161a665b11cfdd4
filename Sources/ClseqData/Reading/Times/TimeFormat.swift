/// The format of a log's times.
public enum TimeFormat: Sendable, Equatable {
  /// The unit of numbers counted from 1970-01-01 UTC.
  public enum EpochUnit: String, CaseIterable, Sendable {
    /// Seconds.
    case seconds = "s"
    /// Milliseconds.
    case milliseconds = "ms"
    /// Microseconds.
    case microseconds = "us"
    /// Nanoseconds; digits below a microsecond are cut off.
    case nanoseconds = "ns"

    /// The unit that makes a number a likely time: below 1e11 seconds (until the year 5138), below
    /// 1e14 milliseconds, below 1e17 microseconds, else nanoseconds.
    init(magnitude: Double) {
      self =
        switch abs(magnitude) {
        case ..<1e11: .seconds
        case ..<1e14: .milliseconds
        case ..<1e17: .microseconds
        default: .nanoseconds
        }
    }

    /// The whole numbers, from 0, for which ``init(magnitude:)`` gives this unit.
    var likely: Range<Int64> {
      switch self {
      case .seconds: 0..<100_000_000_000
      case .milliseconds: 100_000_000_000..<100_000_000_000_000
      case .microseconds: 100_000_000_000_000..<100_000_000_000_000_000
      case .nanoseconds: 100_000_000_000_000_000 ..< .max
      }
    }

    /// Microseconds per unit.
    var microseconds: Double {
      switch self {
      case .seconds: 1e6
      case .milliseconds: 1e3
      case .microseconds: 1
      case .nanoseconds: 1e-3
      }
    }

    /// The name in messages.
    var noun: String {
      switch self {
      case .seconds: "seconds"
      case .milliseconds: "milliseconds"
      case .microseconds: "microseconds"
      case .nanoseconds: "nanoseconds"
      }
    }
  }

  /// Recognised from the first time that is not 0, and then the same for the whole log:
  /// ``yyyymmdd`` if that is a date from 1900 to 2100, a number whose unit follows from its size, or
  /// ISO 8601.
  case automatic
  /// A decimal number of this unit.
  case epoch(EpochUnit)
  /// ISO 8601: `2021-03-15`, `2021-03-15T10:00:00.5+08:00`; UTC without a zone.
  case iso8601
  /// Eight digits for year, month and day, or fourteen with hour, minute and second; UTC.
  case yyyymmdd
  /// Any other format.
  case pattern(TimePattern)

  /// The text that ``init(_:)`` takes back.
  public var text: String {
    switch self {
    case .automatic: "auto"
    case .epoch(let unit): unit.rawValue
    case .iso8601: "iso8601"
    case .yyyymmdd: "yyyymmdd"
    case .pattern(let pattern): pattern.text
    }
  }

  /// The format of a name or a pattern: `auto`, `s`, `ms`, `us`, `ns`, `iso8601`, `yyyymmdd`, or a
  /// ``TimePattern``.
  ///
  /// - Throws: `TimePattern.PatternError`.
  public init(_ text: String) throws(TimePattern.PatternError) {
    switch text {
    case "auto": self = .automatic
    case "iso8601": self = .iso8601
    case "yyyymmdd": self = .yyyymmdd
    default:
      self =
        if let unit = EpochUnit(rawValue: text) { .epoch(unit) } else {
          .pattern(try TimePattern(text))
        }
    }
  }
}
