import ClseqBase

/// A pattern of times, a small subset of that of `strptime`:
///
/// | | |
/// |---|---|
/// | `%Y` | the year, up to four digits |
/// | `%m` `%d` | the month and the day, one or two digits |
/// | `%H` `%M` `%S` | hour (0–23), minute and second, one or two digits |
/// | `%f` | a fraction of the second; digits below a microsecond are cut off |
/// | `%z` | `Z`, `+08:00`, `+0800` or `+08`; without a zone a time is UTC |
/// | `%%` | a percent sign |
///
/// Any other character stands for itself. Year, month and day are required.
public struct TimePattern: Sendable, Equatable {
  /// A pattern that cannot be used.
  public struct PatternError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The fault, as a message.
    public let description: String
  }

  private enum Part: Equatable {
    case year, month, day, hour, minute, second, fraction, zone
    case literal(UInt8)

    init?(letter: UInt8) {
      switch letter {
      case UInt8(ascii: "Y"): self = .year
      case UInt8(ascii: "m"): self = .month
      case UInt8(ascii: "d"): self = .day
      case UInt8(ascii: "H"): self = .hour
      case UInt8(ascii: "M"): self = .minute
      case UInt8(ascii: "S"): self = .second
      case UInt8(ascii: "f"): self = .fraction
      case UInt8(ascii: "z"): self = .zone
      case UInt8(ascii: "%"): self = .literal(letter)
      default: return nil
      }
    }
  }

  /// The pattern as it was given.
  public let text: String
  private let parts: [Part]

  /// - Throws: `PatternError` for a letter that has no meaning, or if the date is incomplete.
  public init(_ text: String) throws(PatternError) {
    var parts: [Part] = []
    var isLetter = false
    for byte in text.utf8 {
      if isLetter {
        guard let part = Part(letter: byte) else {
          throw PatternError(
            description: "\"\(text)\": %\(Character(UnicodeScalar(byte))) is none of "
              + "%Y %m %d %H %M %S %f %z %%")
        }
        parts.append(part)
        isLetter = false
      } else if byte == UInt8(ascii: "%") {
        isLetter = true
      } else {
        parts.append(.literal(byte))
      }
    }
    guard !isLetter, [.year, .month, .day].allSatisfy(parts.contains) else {
      throw PatternError(description: "\"\(text)\": a pattern needs %Y, %m and %d")
    }
    self.text = text
    self.parts = parts
  }

  /// Microseconds since 1970; nil for a text that does not match.
  func parse(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    var scanner = DigitScanner(bytes)
    var time = CivilTime()
    for part in parts {
      let value: Int? =
        switch part {
        case .literal(let byte): scanner.take(byte) ? 0 : nil
        case .year: scanner.number(upTo: 4)
        case .fraction: scanner.fraction()
        case .zone: scanner.zone()
        default: scanner.number(upTo: 2)
        }
      guard let value else { return nil }
      Self.set(part, to: value, in: &time)
    }
    return scanner.isAtEnd ? time.microsecondsSince1970 : nil
  }

  private static func set(_ part: Part, to value: Int, in time: inout CivilTime) {
    switch part {
    case .year: time.year = value
    case .month: time.month = value
    case .day: time.day = value
    case .hour: time.hour = value
    case .minute: time.minute = value
    case .second: time.second = value
    case .fraction: time.microsecond = value
    case .zone: time.offsetMinutes = value
    case .literal: break
    }
  }
}
