/// One attribute of every user, or of every item.
public struct Attribute: Sendable {
  /// The values by row.
  public enum Values: Sendable {
    /// One code per row: 0 if the value is missing, else 1…K.
    case tokens(Column<Int32>)
    /// The codes 1…K of row r stand from `offsets[r]` up to `offsets[r + 1]`; a row may have none.
    case tokenSequences(codes: Column<Int32>, offsets: Column<Int64>)
    /// One number per row, NaN if it is missing.
    case floats(Column<Double>)
    /// `width` numbers per row, at least 1, one row after another; all NaN if they are missing.
    case floatSequences(Column<Double>, width: Int)
  }

  /// The name of its column.
  public let name: String
  /// The values.
  public let values: Values
  /// The tokens of the codes: that of code c has index c - 1. Empty for numbers.
  public let tokens: TokenTable
  /// Rows without a value.
  public let missingCount: Int

  init(name: String, values: Values, tokens: TokenTable = TokenTable()) {
    self.name = name
    self.values = values
    self.tokens = tokens
    missingCount = values.missingCount
  }

  /// The kind of the values.
  public var kind: AttributeKind {
    switch values {
    case .tokens: .token
    case .tokenSequences: .tokenSequence
    case .floats: .float
    case .floatSequences: .floatSequence
    }
  }

  /// Whether the values are numbers.
  public var isNumeric: Bool { kind == .float || kind == .floatSequence }

  /// The tokens of a row, in the order in which they were written; none where the value is missing
  /// or a number.
  public func tokens(of row: Int) -> [String] {
    switch values {
    case .tokens(let codes): codes[row] == 0 ? [] : [tokens[Int(codes[row]) - 1]]
    case .tokenSequences(let codes, let offsets):
      (offsets[row]..<offsets[row + 1]).map { tokens[Int(codes[Int($0)]) - 1] }
    case .floats, .floatSequences: []
    }
  }

  /// The codes of a row's tokens, 1…K; none where the value is missing or a number.
  package func codes(of row: Int) -> [Int32] {
    switch values {
    case .tokens(let codes): codes[row] == 0 ? [] : [codes[row]]
    case .tokenSequences(let codes, let offsets):
      Array(codes[Int(offsets[row])..<Int(offsets[row + 1])])
    case .floats, .floatSequences: []
    }
  }

  /// The numbers of a row; NaN where they are missing, none for tokens.
  public func numbers(of row: Int) -> [Double] {
    switch values {
    case .floats(let numbers): [numbers[row]]
    case .floatSequences(let numbers, let width):
      Array(numbers[row * width..<(row + 1) * width])
    case .tokens, .tokenSequences: []
    }
  }
}

extension Attribute {
  /// A selection of rows: row i is the old row `rows[i]`, or has no value if that is -1. Codes do
  /// not change.
  func selecting(_ rows: [Int32]) -> Attribute {
    Attribute(name: name, values: values.selecting(rows), tokens: tokens)
  }

  /// The same with codes only for tokens that occur in a row, in the order of first occurrence.
  func compacted() -> Attribute {
    var newCodes = [Int32](repeating: 0, count: tokens.count + 1)
    var order: [Int32] = []
    func newCode(of code: Int32) -> Int32 {
      if code > 0 && newCodes[Int(code)] == 0 {
        order.append(code - 1)
        newCodes[Int(code)] = Int32(order.count)
      }
      return newCodes[Int(code)]
    }
    let values: Values
    switch self.values {
    case .tokens(let codes): values = .tokens(Column(codes.map(newCode)))
    case .tokenSequences(let codes, let offsets):
      values = .tokenSequences(codes: Column(codes.map(newCode)), offsets: offsets)
    case .floats, .floatSequences: return self
    }
    return Attribute(name: name, values: values, tokens: tokens.reordered(order))
  }
}

extension Attribute.Values {
  var rowCount: Int {
    switch self {
    case .tokens(let codes): codes.count
    case .tokenSequences(_, let offsets): offsets.count - 1
    case .floats(let numbers): numbers.count
    case .floatSequences(let numbers, let width): numbers.count / width
    }
  }

  fileprivate var missingCount: Int {
    switch self {
    case .tokens(let codes): codes.count { $0 == 0 }
    case .tokenSequences(_, let offsets): zip(offsets, offsets.dropFirst()).count { $0 == $1 }
    case .floats(let numbers): numbers.count(where: \.isNaN)
    case .floatSequences(let numbers, let width):
      stride(from: 0, to: numbers.count, by: width).count { numbers[$0].isNaN }
    }
  }

  fileprivate func selecting(_ rows: [Int32]) -> Attribute.Values {
    switch self {
    case .tokens(let codes):
      return .tokens(Column(rows.map { $0 < 0 ? 0 : codes[Int($0)] }))
    case .floats(let numbers):
      return .floats(Column(rows.map { $0 < 0 ? .nan : numbers[Int($0)] }))
    case .floatSequences(let numbers, let width):
      let missing = [Double](repeating: .nan, count: width)
      return .floatSequences(
        Column(
          rows.flatMap { row in
            row < 0 ? missing : Array(numbers[Int(row) * width..<(Int(row) + 1) * width])
          }), width: width)
    case .tokenSequences(let codes, let offsets):
      var (newCodes, newOffsets): ([Int32], [Int64]) = ([], [0])
      for row in rows {
        if row >= 0 {
          newCodes += codes[Int(offsets[Int(row)])..<Int(offsets[Int(row) + 1])]
        }
        newOffsets.append(Int64(newCodes.count))
      }
      return .tokenSequences(codes: Column(newCodes), offsets: Column(newOffsets))
    }
  }
}
