/// The rows that the parser of a table fills: keys, and a column per attribute.
struct AttributeRows {
  let owner: AttributeOwner
  /// The keys of the complete rows.
  private(set) var keys = TokenTable()
  private var columns: [AttributeColumn] = []
  /// The kinds that override the file.
  private let kinds: [String: AttributeKind]

  init(of owner: AttributeOwner, kinds: [String: AttributeKind]) {
    self.owner = owner
    self.kinds = kinds
  }

  /// The names of the columns.
  var names: [String] { columns.map(\.name) }

  /// The table.
  var attributes: [Attribute] { columns.map(\.attribute) }

  /// Adds a column without a value in the rows so far. Returns its index.
  ///
  /// - Parameters:
  ///   - kind: The kind that the header gives; nil to derive it from the values.
  ///   - separator: The separator between the values of a sequence within one field.
  ///   - offset: The offset of its name in the line.
  mutating func addColumn(
    _ name: String, kind: AttributeKind? = nil, separator: UInt8, at offset: Int
  ) throws(LineFault) -> Int {
    guard !name.isEmpty else {
      throw LineFault(offset: offset, expected: "a name for the column", found: "nothing")
    }
    guard !columns.contains(where: { $0.name == name }) else {
      throw LineFault(offset: offset, expected: "each name once", found: "\"\(name)\" again")
    }
    guard columns.count < AttributeTable.maximumAttributeCount else {
      throw LineFault(
        offset: offset, expected: "at most \(AttributeTable.maximumAttributeCount) attributes",
        found: "a further one, \"\(name)\"")
    }
    var column = AttributeColumn(name: name, kind: kinds[name] ?? kind, separator: separator)
    column.pad(to: keys.count)
    columns.append(column)
    return columns.count - 1
  }

  /// Gives the current row a value from one field; see ``AttributeColumn``.
  mutating func append(
    _ field: Field, isText: Bool = false, to column: Int
  ) throws(LineFault) {
    try columns[column].append(field, isText: isText)
  }

  /// Gives the current row values that `body` writes one by one.
  mutating func append(_ elements: [Field], at offset: Int, to column: Int) throws(LineFault) {
    try columns[column].append(elements, at: offset)
  }

  /// Ends the current row; attributes without a value are missing.
  mutating func finishRow(key: Field) throws(LineFault) {
    let noun = owner.rawValue
    guard !key.bytes.isEmpty else {
      throw LineFault(
        kind: .missing(what: noun), offset: key.offset, expected: "the \(noun) of the row",
        found: "nothing")
    }
    guard keys.index(of: key.bytes) == nil else {
      throw LineFault(
        offset: key.offset, expected: "each \(noun) once",
        found: LineFault.field(key, expected: "").found + " again")
    }
    guard keys.count < ParsedLog.maximumTokenCount else {
      throw .field(key, expected: "at most \(ParsedLog.maximumTokenCount) rows")
    }
    _ = keys.intern(key.bytes)
    for column in columns.indices { columns[column].pad(to: keys.count) }
  }

  /// Drops the current row.
  mutating func dropRow() {
    for column in columns.indices { columns[column].truncate(to: keys.count) }
  }
}
