import ClseqBase

/// The columns of a file, as its first line or its format names them.
struct DelimitedHeader {
  /// RecBole's types.
  static let types = ["token", "token_seq", "float", "float_seq"]

  /// The fields as they stand, with their places in the line.
  let fields: [(offset: Int, text: String)]
  /// RecBole's types, where the header has them.
  let fieldTypes: [String]
  /// The names without types.
  let names: [String]

  /// Whether a first line looks like TAB-separated `name:type`, of two or more columns.
  static func isTyped(_ line: UnsafeRawBufferPointer) -> Bool {
    let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    return fields.count >= 2
      && fields.allSatisfy { types.contains(typed(String(decoding: $0, as: UTF8.self)).type) }
  }

  /// - Parameters:
  ///   - line: The first line, of names or of data.
  ///   - dialect: How the file is written.
  init(
    _ line: UnsafeRawBufferPointer, _ dialect: DelimitedDialect
  ) throws(LineFault) {
    let fields = try Self.fields(of: line, dialect.splitter)
    self.fields = fields
    switch dialect.header {
    case .names:
      names = fields.map(\.text)
      fieldTypes = []
      if !dialect.isHeaderSure && names.allSatisfy(Self.isValue) {
        throw LineFault(
          offset: 0, expected: "a first line of names of columns",
          found: "numbers and times alone: put a line of names before it")
      }
    case .typedNames:
      let typed = fields.map { Self.typed($0.text) }
      names = typed.map(\.name)
      fieldTypes = typed.map(\.type)
      for (index, type) in fieldTypes.enumerated() where !Self.types.contains(type) {
        throw LineFault(
          offset: fields[index].offset,
          expected: "a header of TAB-separated name:type, type one of "
            + Self.types.joined(separator: ", "), found: "\"\(fields[index].text)\"")
      }
    case .fixed(let fixed):
      names = fixed
      fieldTypes = []
    case .numbers:
      names = fields.indices.map { String($0 + 1) }
      fieldTypes = []
    }
  }

  /// The places of the columns of a mapping.
  func plan(_ mapping: ColumnMapping) throws(LineFault) -> ColumnPlan {
    let plan: ColumnPlan
    do {
      plan = try ColumnPlan(names, mapping)
    } catch {
      throw LineFault(
        offset: error.column.map { fields[$0].offset } ?? 0,
        expected: error.expected, found: error.found)
    }
    if !fieldTypes.isEmpty { try checkTypes(plan) }
    return plan
  }

  private func checkTypes(_ plan: ColumnPlan) throws(LineFault) {
    let tokens = [plan.user, plan.item] + [plan.eventType, plan.session].compactMap { $0 }
    let numbers = [plan.time, plan.endTime, plan.label].compactMap { $0 }
    let expected =
      tokens.map { ($0, "token") } + numbers.map { ($0, "float") }
      + plan.features.map { ($0.column, "float") }
    for (column, type) in expected where fieldTypes[column] != type {
      throw LineFault(
        offset: fields[column].offset, expected: "\(names[column]):\(type)",
        found: fields[column].text)
    }
  }

  private static func fields(
    of line: UnsafeRawBufferPointer, _ splitter: FieldSplitter
  ) throws(LineFault) -> [(offset: Int, text: String)] {
    let count = try splitter.split(line, into: FieldBuffer(capacity: 1)).count
    let buffer = FieldBuffer(capacity: count)
    _ = try splitter.split(line, into: buffer)
    return (0..<count).map { index in
      let text = String(decoding: buffer.fields[index].bytes, as: UTF8.self)
      return (buffer.fields[index].offset, trimmed(text))
    }
  }

  /// Whether a field is nothing that a column is called by: a number, a time, or nothing.
  private static func isValue(_ text: String) -> Bool {
    Array(text.utf8).withUnsafeBytes {
      $0.isEmpty || DecimalNumber.parse($0) != nil || ISO8601.parse($0) != nil
    }
  }

  private static func trimmed(_ text: String) -> String {
    let body = text.drop(while: \.isWhitespace)
    let last = body.lastIndex { !$0.isWhitespace }
    return last.map { String(body[...$0]) } ?? ""
  }

  private static func typed(_ text: String) -> (name: String, type: String) {
    guard let colon = text.lastIndex(of: ":") else { return (text, "") }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }
}
