import ClseqBase

/// The values of one attribute while its file is being read.
struct AttributeColumn {
  let name: String
  /// The kind that the header or the caller gives; nil to derive it from the values.
  let kind: AttributeKind?
  /// The separator between the values of a sequence within one field.
  private let separator: UInt8
  private var rowCount = 0
  private var tokens = TokenTable()
  /// The codes of all rows; 0 for a missing value, unless rows are sequences.
  private var codes: [Int32] = []
  /// [row] the end of its codes; nil while every row has one.
  private var ends: [Int]?
  private var numbers: [Double] = []
  /// The numbers per row, and the row that decided it; 0 before the first row with a value.
  private var width = (count: 0, row: 0)
  /// Whether a value is written as text, such as a JSON string.
  private var hasText = false

  init(name: String, kind: AttributeKind?, separator: UInt8) {
    self.name = name
    self.kind = kind
    self.separator = separator
    if kind == .tokenSequence { ends = [] }
  }

  /// Appends the value of a row from a field, which may be empty.
  ///
  /// - Parameter isText: Whether the field is text even if it looks like a number.
  mutating func append(_ field: Field, isText: Bool = false) throws(LineFault) {
    hasText = hasText || isText && !field.bytes.isEmpty
    switch kind {
    case .float: numbers.append(try RecordReader.number(field, name) ?? .nan)
    case .floatSequence: try append(numbers: pieces(of: field))
    case .tokenSequence: try append(tokens: pieces(of: field))
    case .token, nil:
      if ends != nil {
        try append(tokens: [field])
      } else {
        codes.append(field.bytes.isEmpty ? 0 : try code(of: field))
      }
    }
    rowCount += 1
  }

  /// Appends the values of a row that `body` writes one by one.
  ///
  /// - Parameter offset: The offset of their start in the line.
  mutating func append(_ elements: [Field], at offset: Int) throws(LineFault) {
    switch kind {
    case .float, .token:
      throw LineFault(offset: offset, expected: "one value for \(name)", found: "an array")
    case .floatSequence: try append(numbers: elements)
    case .tokenSequence, nil:
      becomeSequence()
      try append(tokens: elements)
    }
    rowCount += 1
  }

  /// Appends rows without a value.
  mutating func pad(to count: Int) {
    guard count > rowCount else { return }
    let missing = count - rowCount
    switch kind {
    case .float: numbers += repeatElement(.nan, count: missing)
    case .floatSequence: numbers += repeatElement(.nan, count: missing * width.count)
    case .token, .tokenSequence, nil:
      if ends == nil { codes += repeatElement(0, count: missing) }
      ends?.append(contentsOf: repeatElement(codes.count, count: missing))
    }
    rowCount = count
  }

  /// Removes everything after this many rows, also a row that was begun.
  mutating func truncate(to count: Int) {
    rowCount = min(rowCount, count)
    if width.row >= rowCount { width = (0, 0) }
    let numberCount = kind == .float ? rowCount : rowCount * width.count
    numbers.removeLast(max(0, numbers.count - numberCount))
    ends = ends.map { Array($0.prefix(rowCount)) }
    codes.removeLast(max(0, codes.count - (ends.map { $0.last ?? 0 } ?? rowCount)))
  }
}

extension AttributeColumn {
  /// The attribute. If no kind is given, it is numeric if there is a value and all values are
  /// numbers.
  var attribute: Attribute {
    switch kind {
    case .float: return Attribute(name: name, values: .floats(Column(numbers)))
    case .floatSequence:
      let values =
        width.count == 0 ? Array(repeating: .nan, count: rowCount) : numbers
      return Attribute(
        name: name, values: .floatSequences(Column(values), width: max(1, width.count)))
    case .token, .tokenSequence, nil:
      if let ends {
        let offsets = Column([0] + ends.map { Int64($0) })
        return Attribute(
          name: name, values: .tokenSequences(codes: Column(codes), offsets: offsets),
          tokens: tokens)
      }
      if kind == nil, let values = numbersOfCodes {
        return Attribute(name: name, values: .floats(Column(codes.map { values[Int($0)] })))
      }
      return Attribute(name: name, values: .tokens(Column(codes)), tokens: tokens)
    }
  }

  /// [code] its token as a number; nil unless each token is a number or a sign for a missing value.
  private var numbersOfCodes: [Double]? {
    guard !hasText else { return nil }
    var values = [Double.nan]
    for index in 0..<tokens.count {
      let value = tokens.utf8(at: index).withUnsafeBytes { bytes in
        try? (RecordReader.number(Field(offset: 0, bytes: bytes), name) ?? .nan)
      }
      guard let value else { return nil }
      values.append(value)
    }
    return values.allSatisfy(\.isNaN) ? nil : values
  }

  private func pieces(of field: Field) -> [Field] {
    field.bytes.split(separator: separator).map {
      Field(offset: field.offset, bytes: UnsafeRawBufferPointer(rebasing: $0))
    }
  }

  private mutating func append(tokens fields: [Field]) throws(LineFault) {
    for field in fields where !field.bytes.isEmpty { codes.append(try code(of: field)) }
    ends?.append(codes.count)
  }

  private mutating func append(numbers fields: [Field]) throws(LineFault) {
    guard let first = fields.first else {
      numbers += repeatElement(.nan, count: width.count)
      return
    }
    guard fields.count <= AttributeTable.maximumWidth else {
      throw LineFault(
        offset: first.offset,
        expected: "at most \(AttributeTable.maximumWidth) numbers for \(name)",
        found: "\(fields.count)")
    }
    if width.count == 0 {
      width = (fields.count, rowCount)
      numbers = Array(repeating: .nan, count: rowCount * fields.count)
    }
    guard fields.count == width.count else {
      throw LineFault(
        offset: first.offset, expected: "\(width.count) numbers for \(name)",
        found: "\(fields.count)")
    }
    for field in fields {
      guard let number = DecimalNumber.parse(field.bytes) else {
        throw .field(field, expected: "a number for \(name)")
      }
      numbers.append(number)
    }
  }

  /// The code of a token. Line feeds in it become blanks, because lists of tokens are lines.
  private mutating func code(of field: Field) throws(LineFault) -> Int32 {
    guard
      tokens.count < ParsedLog.maximumTokenCount || tokens.index(of: field.bytes) != nil
    else {
      throw .field(
        field, expected: "at most \(ParsedLog.maximumTokenCount) distinct values of \(name)")
    }
    let newline = UInt8(ascii: "\n")
    guard field.bytes.contains(newline) else { return tokens.intern(field.bytes) + 1 }
    let line = field.bytes.map { $0 == newline ? UInt8(ascii: " ") : $0 }
    return line.withUnsafeBytes { tokens.intern($0) } + 1
  }

  private mutating func becomeSequence() {
    guard ends == nil else { return }
    var count = 0
    ends = codes.map { code in
      if code > 0 { count += 1 }
      return count
    }
    codes.removeAll { $0 == 0 }
  }
}
