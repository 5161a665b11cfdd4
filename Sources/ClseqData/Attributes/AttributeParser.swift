/// Turns the lines of a table into rows of attributes.
protocol AttributeParser {
  /// Whether the names of the columns must come before any row. A fault in them is never skipped.
  var expectsHeader: Bool { get }

  /// Prepares for the first line of the table's next file.
  mutating func beginFile()

  /// Reads one line (a record, where fields are quoted), which is not blank. If it throws, the current
  /// row may have some of its values.
  mutating func parse(
    _ line: UnsafeRawBufferPointer, into rows: inout AttributeRows
  ) throws(LineFault)
}

extension AttributeOwner {
  /// The index of the key column: the one that a mapping names, if the table has it, else one of a
  /// common name.
  func keyColumn(
    of names: [String], _ mapping: ColumnMapping
  ) throws(ColumnPlan.Fault) -> Int {
    var mapping = mapping
    if let name = mapping[role], !names.contains(name) { mapping[role] = nil }
    mapping.recognized.insert(role)
    return try ColumnSearch(names, mapping).required(role)
  }
}
