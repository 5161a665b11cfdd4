/// `user item`: exactly two fields, one event.
struct EventTextParser: LineParser {
  mutating func parse(
    _ line: UnsafeRawBufferPointer, into log: inout ParsedLog
  ) throws(LineFault) {
    var fields = FieldScanner(line)
    guard let user = fields.next(), let item = fields.next() else {
      throw .wrongFieldCount(
        offset: line.count, expected: Self.expected, found: FieldScanner(line).remainingCount())
    }
    if let extra = fields.next() {
      throw .wrongFieldCount(
        offset: extra.offset, expected: Self.expected, found: 3 + fields.remainingCount())
    }
    try log.append(user: user, item: item)
  }

  private static let expected = "2 fields (user item)"
}
