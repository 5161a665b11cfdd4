/// `user item item …`: at least two fields, a user's events in their order. A user who has several
/// lines goes on where the earlier one ended.
struct SequenceTextParser: LineParser {
  mutating func parse(
    _ line: UnsafeRawBufferPointer, into log: inout ParsedLog
  ) throws(LineFault) {
    var fields = FieldScanner(line)
    guard let userField = fields.next(), let first = fields.next() else {
      throw .wrongFieldCount(
        offset: line.count, expected: "a user and one or more items",
        found: FieldScanner(line).remainingCount())
    }
    let user = log.users.intern(userField.bytes)
    var next: Field? = first
    while let item = next {
      log.pending.append(Interaction(user: user, item: log.items.intern(item.bytes)))
      next = fields.next()
    }
  }
}
