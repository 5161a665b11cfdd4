/// The header of a RecBole atomic file: where the columns are that a log needs.
struct InterHeader: Equatable {
  static let types: Set<String> = ["token", "token_seq", "float", "float_seq"]

  let columnCount: Int
  let user: Int
  let item: Int
  let time: Int?

  /// Whether every TAB-separated field looks like `name:type`, and there are two or more.
  static func isPlausible(_ line: UnsafeRawBufferPointer) -> Bool {
    let fields = columns(of: line)
    return fields.count >= 2 && fields.allSatisfy { types.contains($0.type) }
  }

  init(_ line: UnsafeRawBufferPointer) throws(LineFault) {
    let columns = Self.columns(of: line)
    for column in columns where !Self.types.contains(column.type) {
      throw LineFault(
        offset: column.offset,
        expected: "a header of TAB-separated name:type, type one of token, token_seq, float, "
          + "float_seq", found: "\"\(column.text)\"")
    }
    columnCount = columns.count
    user = try Self.required("user_id", "token", in: columns)
    item = try Self.required("item_id", "token", in: columns)
    time = try Self.index("timestamp", "float", in: columns)
  }

  private struct Column {
    let offset: Int
    let text: String
    let name: Substring
    let type: String
  }

  private static func columns(of line: UnsafeRawBufferPointer) -> [Column] {
    line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { field in
      let text = String(decoding: field, as: UTF8.self)
      let colon = text.lastIndex(of: ":")
      return Column(
        offset: field.startIndex, text: text, name: text[..<(colon ?? text.endIndex)],
        type: colon.map { String(text[text.index(after: $0)...]) } ?? "")
    }
  }

  private static func required(
    _ name: String, _ type: String, in columns: [Column]
  ) throws(LineFault) -> Int {
    if let index = try index(name, type, in: columns) { return index }
    throw LineFault(
      offset: 0, expected: "a column \(name):\(type)",
      found: columns.map(\.text).joined(separator: " "))
  }

  private static func index(
    _ name: String, _ type: String, in columns: [Column]
  ) throws(LineFault) -> Int? {
    let matches = columns.indices.filter { columns[$0].name == name }
    guard let index = matches.first else { return nil }
    if matches.count > 1 {
      throw LineFault(
        offset: columns[matches[1]].offset, expected: "one column \(name)",
        found: "\(matches.count) of that name")
    }
    guard columns[index].type == type else {
      throw LineFault(
        offset: columns[index].offset, expected: "\(name):\(type)", found: columns[index].text)
    }
    return index
  }
}

/// RecBole `.inter`: as many TAB-separated fields as the header has, one event a line.
struct InterParser: LineParser {
  private var header: InterHeader?

  mutating func parse(
    _ line: UnsafeRawBufferPointer, into log: inout ParsedLog
  ) throws(LineFault) {
    guard let header else {
      header = try InterHeader(line)
      return
    }
    var user: Field?
    var item: Field?
    var time: Field?
    var column = 0
    var start = 0
    while start <= line.count {
      var end = start
      while end < line.count && line[end] != UInt8(ascii: "\t") { end += 1 }
      let field = Field(offset: start, bytes: UnsafeRawBufferPointer(rebasing: line[start..<end]))
      if column == header.user { user = field }
      if column == header.item { item = field }
      if column == header.time { time = field }
      column += 1
      start = end + 1
    }
    guard column == header.columnCount, let user, let item else {
      throw .wrongFieldCount(
        offset: line.count, expected: "\(header.columnCount) TAB-separated fields", found: column)
    }
    try Self.requireContent(user, "a user_id")
    try Self.requireContent(item, "an item_id")
    log.pending.append(
      Interaction(
        user: log.users.intern(user.bytes), item: log.items.intern(item.bytes),
        time: try time.map { field throws(LineFault) in try Self.number(field) }))
  }

  private static func requireContent(_ field: Field, _ expected: String) throws(LineFault) {
    if field.bytes.isEmpty {
      throw LineFault(offset: field.offset, expected: expected, found: "an empty field")
    }
  }

  private static func number(_ field: Field) throws(LineFault) -> Double {
    if let value = DecimalNumber.parse(field.bytes) { return value }
    let text = String(decoding: field.bytes.prefix(40), as: UTF8.self)
    throw LineFault(
      offset: field.offset, expected: "a timestamp that is a number",
      found: text.isEmpty ? "an empty field" : "\"\(text)\"")
  }
}
