/// Tables of separated fields under a header: CSV, TSV and RecBole's `.user` and `.item`.
///
/// RecBole's sequences are separated by blanks, those of CSV and TSV by `|`.
struct DelimitedAttributeParser: AttributeParser {
  private let dialect: DelimitedDialect
  private let mapping: ColumnMapping
  private var fields = FieldBuffer(capacity: 1)
  private var keyPlace = 0
  /// [column] the place of its field.
  private var places: [Int] = []
  private var isFirstFile = true
  private(set) var expectsHeader = true

  init(_ dialect: DelimitedDialect, columns mapping: ColumnMapping) {
    self.dialect = dialect
    self.mapping = mapping
  }

  mutating func beginFile() {
    expectsHeader = true
  }

  mutating func parse(
    _ line: UnsafeRawBufferPointer, into rows: inout AttributeRows
  ) throws(LineFault) {
    if expectsHeader {
      try readHeader(line, &rows)
      (expectsHeader, isFirstFile) = (false, false)
      return
    }
    let outcome = try dialect.splitter.split(line, into: fields)
    guard outcome.count == fields.capacity else {
      throw .wrongFieldCount(
        offset: outcome.extraOffset ?? line.count,
        expected: "\(fields.capacity) \(dialect.fieldNoun)", found: outcome.count)
    }
    for (column, place) in places.enumerated() {
      try rows.append(fields.fields[place], to: column)
    }
    try rows.finishRow(key: fields.fields[keyPlace])
  }

  private mutating func readHeader(
    _ line: UnsafeRawBufferPointer, _ rows: inout AttributeRows
  ) throws(LineFault) {
    let header = try DelimitedHeader(line, dialect)
    do { keyPlace = try rows.owner.keyColumn(of: header.names, mapping) } catch {
      throw LineFault(
        offset: error.column.map { header.fields[$0].offset } ?? 0, expected: error.expected,
        found: error.found)
    }
    let key = header.names[keyPlace]
    if !header.fieldTypes.isEmpty && header.fieldTypes[keyPlace] != "token" {
      throw LineFault(
        offset: header.fields[keyPlace].offset, expected: "\(key):token",
        found: header.fields[keyPlace].text)
    }
    if isFirstFile {
      places = header.names.indices.filter { $0 != keyPlace }
      for place in places { try addColumn(place, header, &rows) }
    } else {
      guard header.names.count == rows.names.count + 1,
        Set(header.names) == Set(rows.names + [key])
      else {
        throw LineFault(
          offset: 0,
          expected: "the columns of the first file: "
            + ([key] + rows.names).joined(separator: ", "),
          found: header.names.joined(separator: ", "))
      }
      places = rows.names.compactMap { header.names.firstIndex(of: $0) }
    }
    fields = FieldBuffer(capacity: header.names.count)
  }

  private func addColumn(
    _ place: Int, _ header: DelimitedHeader, _ rows: inout AttributeRows
  ) throws(LineFault) {
    let isTyped = !header.fieldTypes.isEmpty
    _ = try rows.addColumn(
      header.names[place], kind: isTyped ? AttributeKind(rawValue: header.fieldTypes[place]) : nil,
      separator: isTyped ? UInt8(ascii: " ") : UInt8(ascii: "|"), at: header.fields[place].offset)
  }
}
