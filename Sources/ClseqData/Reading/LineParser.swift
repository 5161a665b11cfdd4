/// Turns the lines of one format into interactions. A new text format is one conforming type and
/// one case of `LogFormat`.
protocol LineParser {
  /// Reads one line, which is not blank, and appends its events to the log.
  mutating func parse(_ line: UnsafeRawBufferPointer, into log: inout ParsedLog) throws(LineFault)
}

/// Where parsers put what they find.
struct ParsedLog {
  var users = TokenTable()
  var items = TokenTable()
  /// The events of the latest line.
  var pending: [Interaction] = []
}

/// What is wrong with a line; the stream adds the file and the line's number.
struct LineFault: Error, Equatable {
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
}
