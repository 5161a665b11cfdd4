/// Where the parsers of tables put what they find: keys, and a column for each attribute.
struct AttributeRows {
  let owner: AttributeOwner
  /// The keys of the rows that are done, by row.
  private(set) var keys = TokenTable()
  private var columns: [AttributeColumn] = []
  /// The kinds that hold whatever the file says.
  private let kinds: [String: AttributeKind]

  init(of owner: AttributeOwner, kinds: [String: AttributeKind]) {
    self.owner = owner
    self.kinds = kinds
  }

  /// The names of the columns.
  var names: [String] { columns.map(\.name) }

  /// What has been read.
  var attributes: [Attribute] { columns.map(\.attribute) }

  /// Adds a column without a value in the rows so far. Returns its index.
  ///
  /// - Parameters:
  ///   - kind: What the header says; nil to go by the values.
  ///   - separator: What stands between the values of a sequence within one field.
  ///   - offset: Where the line names it.
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

  /// Gives the row under way a value from one field; see ``AttributeColumn``.
  mutating func append(
    _ field: Field, isText: Bool = false, to column: Int
  ) throws(LineFault) {
    try columns[column].append(field, isText: isText)
  }

  /// Gives the row under way values that are written one by one.
  mutating func append(_ elements: [Field], at offset: Int, to column: Int) throws(LineFault) {
    try columns[column].append(elements, at: offset)
  }

  /// Ends the row under way; what it lacks is missing.
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

  /// Forgets the row under way.
  mutating func dropRow() {
    for column in columns.indices { columns[column].truncate(to: keys.count) }
  }
}
