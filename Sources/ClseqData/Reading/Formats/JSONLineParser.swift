/// JSON Lines: an object a line, whose flat members are the columns; members that are objects or
/// arrays are passed over. The first object tells the columns' names; later ones may have their
/// members in any order, lack some and have others.
final class JSONLineParser: LineParser {
  private let columns: ColumnMapping
  private let times: TimeFormat
  private var reader: RecordReader?
  private var fields = FieldBuffer(capacity: 1)
  /// [column] its key.
  private var keys: [[UInt8]] = []
  /// [column] whether the plan has a use for it.
  private var isRead: [Bool] = []
  /// The columns that the plan has a use for.
  private var readColumns: [Int] = []
  /// [column] the latest record that had it.
  private var seenIn: [Int] = []
  private var recordNumber = 0
  /// Whether the first object lacks a column that is needed.
  private(set) var expectsHeader = false

  init(columns: ColumnMapping, times: TimeFormat) {
    self.columns = columns
    self.times = times
  }

  func parse(
    _ line: UnsafeRawBufferPointer, into log: inout ParsedLog
  ) throws(LineFault) {
    if reader == nil { try meetColumns(line, &log) }
    recordNumber += 1
    fields.begin(recordByteCount: line.count)
    let nothing = Field(offset: 0, bytes: UnsafeRawBufferPointer(start: nil, count: 0))
    fields.fields.initialize(repeating: nothing, count: fields.capacity)
    var ordinal = 0
    try forEachMember(of: line) { key, keyOffset, scanner throws(LineFault) in
      let column = column(of: key, likely: ordinal)
      ordinal += 1
      _ = scanner.peek()
      let offset = scanner.position
      let text = try scanner.scalar()
      guard let column, isRead[column] else { return }
      if seenIn[column] == recordNumber {
        throw LineFault(
          offset: keyOffset, expected: "each key once",
          found: "\"\(String(decoding: key, as: UTF8.self))\" again")
      }
      seenIn[column] = recordNumber
      fields.fields[column] = try field(text, offset)
    }
    try reader?.read(fields.fields, into: &log)
  }

  /// The value of a member that is read.
  private func field(
    _ text: UnsafeRawBufferPointer?, _ offset: Int
  ) throws(LineFault) -> Field {
    guard let text else {
      throw LineFault(
        offset: offset, expected: "a string or a number", found: "an object or an array")
    }
    guard text.count <= FieldSplitter.maximumFieldByteCount else {
      throw LineFault(
        offset: offset, expected: "a field of at most \(FieldSplitter.maximumFieldByteCount) bytes",
        found: "one of \(text.count)")
    }
    return Field(offset: offset, bytes: text)
  }

  /// The column of a key, if it may have a use; the likely one is that which the first record had
  /// in its place.
  private func column(of key: UnsafeRawBufferPointer, likely: Int) -> Int? {
    if likely < keys.count && keys[likely].elementsEqual(key) { return likely }
    return readColumns.first { keys[$0].elementsEqual(key) }
  }

  /// Takes the names of the columns from the first record.
  private func meetColumns(
    _ line: UnsafeRawBufferPointer, _ log: inout ParsedLog
  ) throws(LineFault) {
    var names: [String] = []
    var known: Set<String> = []
    fields.begin(recordByteCount: line.count)
    try forEachMember(of: line) { key, _, scanner throws(LineFault) in
      let name = String(decoding: key, as: UTF8.self)
      if known.insert(name).inserted { names.append(name) }
      _ = try scanner.scalar()
    }
    expectsHeader = true
    let plan: ColumnPlan
    do {
      plan = try ColumnPlan(names, columns)
    } catch {
      throw LineFault(
        offset: 0, expected: error.expected, found: error.found)
    }
    expectsHeader = false
    reader = RecordReader(plan, times: times)
    log.expect(plan.features.map(\.description))
    fields = FieldBuffer(capacity: names.count)
    keys = names.map { Array($0.utf8) }
    readColumns = plan.columns.map(\.column) + plan.features.map(\.column)
    isRead = names.indices.map(readColumns.contains)
    seenIn = Array(repeating: 0, count: names.count)
  }

  /// Calls `body` with each key of the line's object, with its place, and the scanner before the
  /// value, which `body` must take.
  private func forEachMember(
    of line: UnsafeRawBufferPointer,
    _ body: (UnsafeRawBufferPointer, Int, inout JSONScanner) throws(LineFault) -> Void
  ) throws(LineFault) {
    var scanner = JSONScanner(line, fields)
    try scanner.require(UInt8(ascii: "{"), "an object in braces")
    if !scanner.take(UInt8(ascii: "}")) {
      repeat {
        _ = scanner.peek()
        let offset = scanner.position
        let key = try scanner.string("a key in quotes")
        try scanner.require(UInt8(ascii: ":"), "a colon")
        try body(key, offset, &scanner)
      } while scanner.take(UInt8(ascii: ","))
      try scanner.require(UInt8(ascii: "}"), "a comma or a closing brace")
    }
    try scanner.requireEnd()
  }
}
