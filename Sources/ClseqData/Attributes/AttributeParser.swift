/// Turns the lines of a table into rows of attributes.
protocol AttributeParser {
  /// Whether the names of the columns must come before any row. A fault of them is never passed
  /// over.
  var expectsHeader: Bool { get }

  /// Makes ready for the first line of the next file of the table.
  mutating func beginFile()

  /// Reads one line (a record, where fields are quoted), which is not blank. If it throws, the row
  /// under way may have got some of its values.
  mutating func parse(
    _ line: UnsafeRawBufferPointer, into rows: inout AttributeRows
  ) throws(LineFault)
}

extension AttributeOwner {
  /// Which of the columns has the keys: the one that a mapping names, if it is there, else one of
  /// a common name.
  func keyColumn(
    of names: [String], _ mapping: ColumnMapping
  ) throws(ColumnPlan.Fault) -> Int {
    var mapping = mapping
    if let name = mapping[role], !names.contains(name) { mapping[role] = nil }
    mapping.recognized.insert(role)
    return try ColumnSearch(names, mapping).required(role)
  }
}
