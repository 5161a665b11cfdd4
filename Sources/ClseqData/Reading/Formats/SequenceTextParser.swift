/// `user item item …`: at least two fields, a user's events in their order. A user who has several
/// lines continues where the earlier one ended.
struct SequenceTextParser: LineParser {
  mutating func parse(
    _ line: UnsafeRawBufferPointer, into log: inout ParsedLog
  ) throws(LineFault) {
    var fields = FieldScanner(line)
    guard let user = fields.next(), let first = fields.next() else {
      throw .wrongFieldCount(
        offset: line.count, expected: "a user and one or more items",
        found: FieldScanner(line).remainingCount())
    }
    var next: Field? = first
    while let item = next {
      try log.append(user: user, item: item)
      next = fields.next()
    }
  }
}
