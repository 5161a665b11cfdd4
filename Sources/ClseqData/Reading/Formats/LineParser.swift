/// Turns the lines of one format into interactions. A new text format is one conforming type and
/// one case of `LogFormat`.
protocol LineParser {
  /// Whether a header must come before any event. A fault of it is never passed over.
  var expectsHeader: Bool { get }

  /// How the times of the log are written, as far as it has been read; nil where it has none.
  var timeFormat: TimeFormat? { get }

  /// Whether text has been met that is not UTF-8, and taken for Latin-1.
  var hasMetLatin1: Bool { get }

  /// Whether a time had digits finer than a microsecond, which are cut off.
  var hasCutTimes: Bool { get }

  /// Makes ready for the first file of the log.
  ///
  /// - Parameter lookahead: Its first lines.
  mutating func begin(_ lookahead: UnsafeRawBufferPointer)

  /// Makes ready for the first line of the next file of the log.
  mutating func beginFile()

  /// Reads one line (a record, where fields are quoted), which is not blank, and appends its events
  /// to the log. Nothing is appended if it throws.
  mutating func parse(_ line: UnsafeRawBufferPointer, into log: inout ParsedLog) throws(LineFault)
}

extension LineParser {
  // For formats without a header.
  var expectsHeader: Bool { false }
  var timeFormat: TimeFormat? { nil }
  var hasMetLatin1: Bool { false }
  var hasCutTimes: Bool { false }
  mutating func begin(_ lookahead: UnsafeRawBufferPointer) {}
  mutating func beginFile() {}
}

/// What is wrong with a line; the stream adds the file and the line's number.
struct LineFault: Error, Equatable {
  /// What follows from it.
  enum Kind: Equatable {
    /// The line has not its format.
    case malformed
    /// The line has its format, but lacks a value.
    case missing(what: String)
    /// The line is right, and its time is outside the requested range.
    case outsideTimes
  }

  var kind = Kind.malformed
  /// Offset in bytes from the start of the line.
  let offset: Int
  let expected: String
  let found: String
}

extension LineFault {
  static func wrongFieldCount(offset: Int, expected: String, found: Int) -> LineFault {
    LineFault(
      offset: offset, expected: expected, found: found == 1 ? "1 field" : "\(found) fields")
  }

  /// A field that cannot be read as what it should be.
  static func field(_ field: Field, expected: String) -> LineFault {
    let isCut = field.bytes.count > 40
    let text = String(decoding: field.bytes.prefix(40), as: UTF8.self) + (isCut ? "…" : "")
    return LineFault(
      offset: field.offset, expected: expected,
      found: field.bytes.isEmpty ? "nothing" : "\"\(text)\"")
  }
}
