import ClseqBase

/// Tables of JSON Lines: one object per line, with the key and the attributes as its members.
///
/// Any object may name a new attribute, or lack one. A string is text even if it looks like a number; an
/// array of strings or numbers has the values of a sequence. Members that are objects, or arrays of
/// objects or arrays, are skipped.
struct JSONAttributeParser: AttributeParser {
  /// The kind of a member.
  private enum Member: Equatable {
    case key
    case attribute(Int)
    case nested
    /// It had no value yet.
    case unknown
  }

  private let mapping: ColumnMapping
  private let buffer = FieldBuffer(capacity: 1)
  /// The names of members so far, that of the key first.
  private var names = TokenTable()
  /// [name] its kind.
  private var members: [Member] = []
  /// [name] the latest object that had it.
  private var seenIn: [Int] = []
  private var objectNumber = 0

  init(columns mapping: ColumnMapping) {
    self.mapping = mapping
  }

  var expectsHeader: Bool { members.isEmpty }

  mutating func beginFile() {}

  mutating func parse(
    _ line: UnsafeRawBufferPointer, into rows: inout AttributeRows
  ) throws(LineFault) {
    if expectsHeader { try meetKey(line, of: rows.owner) }
    objectNumber += 1
    buffer.texts.begin(byteCount: line.count)
    var key: Field?
    try JSONScanner.forEachMember(of: line, buffer) { name, offset, scanner throws(LineFault) in
      let member = try member(name, at: offset)
      if members[member] == .key {
        _ = scanner.peek()
        key = try Self.scalar(&scanner)
      } else {
        try read(&scanner, member, at: offset, &rows)
      }
    }
    guard let key else {
      throw LineFault(
        kind: .missing(what: names[0]), offset: 0, expected: "a member \(names[0])", found: "none")
    }
    try rows.finishRow(key: key)
  }

  /// Finds the name of the key in the first object.
  private mutating func meetKey(
    _ line: UnsafeRawBufferPointer, of owner: AttributeOwner
  ) throws(LineFault) {
    var all: [String] = []
    buffer.texts.begin(byteCount: line.count)
    try JSONScanner.forEachMember(of: line, buffer) { name, _, scanner throws(LineFault) in
      all.append(String(decoding: name, as: UTF8.self))
      _ = try scanner.value()
    }
    let name: String
    do { name = all[try owner.keyColumn(of: all, mapping)] } catch {
      throw LineFault(offset: 0, expected: error.expected, found: error.found)
    }
    Array(name.utf8).withUnsafeBytes { _ = names.intern($0) }
    (members, seenIn) = ([.key], [0])
  }

  /// The index of a name, which an object may have once.
  private mutating func member(
    _ name: UnsafeRawBufferPointer, at offset: Int
  ) throws(LineFault) -> Int {
    let index = Int(names.intern(name))
    if index == members.count {
      members.append(.unknown)
      seenIn.append(0)
    }
    guard seenIn[index] < objectNumber else {
      throw LineFault(
        offset: offset, expected: "each key once",
        found: "\"\(String(decoding: name, as: UTF8.self))\" again")
    }
    seenIn[index] = objectNumber
    return index
  }

  /// Reads the value of an attribute.
  private mutating func read(
    _ scanner: inout JSONScanner, _ member: Int, at nameOffset: Int, _ rows: inout AttributeRows
  ) throws(LineFault) {
    let first = scanner.peek()
    let offset = scanner.position
    if Self.isNested(scanner) {
      guard members[member] == .unknown || members[member] == .nested else {
        throw LineFault(
          offset: offset, expected: "values for \(names[member])",
          found: "an object, or an array of such")
      }
      members[member] = .nested
      _ = try scanner.value()
    } else if first == UInt8(ascii: "[") {
      let elements = try Self.array(&scanner)
      guard !elements.isEmpty else { return }
      let column = try column(of: member, at: nameOffset, &rows)
      try rows.append(elements, at: offset, to: column)
    } else {
      let field = try Self.scalar(&scanner)
      guard !field.bytes.isEmpty else { return }
      let column = try column(of: member, at: nameOffset, &rows)
      try rows.append(field, isText: first == UInt8(ascii: "\""), to: column)
    }
  }

  private mutating func column(
    of member: Int, at offset: Int, _ rows: inout AttributeRows
  ) throws(LineFault) -> Int {
    switch members[member] {
    case .attribute(let column): return column
    case .nested, .key:
      throw LineFault(
        offset: offset, expected: "an object for \(names[member]), as in earlier lines",
        found: "a value")
    case .unknown:
      let column = try rows.addColumn(
        names[member], separator: UInt8(ascii: "|"), at: offset)
      members[member] = .attribute(column)
      return column
    }
  }

  /// Whether an object is ahead, or an array that begins with an object or an array.
  private static func isNested(_ scanner: JSONScanner) -> Bool {
    var ahead = scanner
    if ahead.peek() == UInt8(ascii: "{") { return true }
    guard ahead.take(UInt8(ascii: "[")) else { return false }
    let first = ahead.peek()
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }

  private static func array(_ scanner: inout JSONScanner) throws(LineFault) -> [Field] {
    var elements: [Field] = []
    try scanner.expect(UInt8(ascii: "["), "an array")
    if scanner.take(UInt8(ascii: "]")) { return [] }
    repeat {
      _ = scanner.peek()
      elements.append(try scalar(&scanner))
    } while scanner.take(UInt8(ascii: ","))
    try scanner.expect(UInt8(ascii: "]"), "a comma or a closing bracket")
    return elements
  }

  private static func scalar(_ scanner: inout JSONScanner) throws(LineFault) -> Field {
    let offset = scanner.position
    return try Field(json: scanner.value(), at: offset)
  }
}
