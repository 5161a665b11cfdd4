/// A JSON value that preserves what a safetensors header needs: the order of keys, and the text of
/// numbers.
enum HeaderJSON {
  case object([(key: String, value: HeaderJSON)])
  case array([HeaderJSON])
  case string(String)
  case number(String)
  case literal

  /// A non-negative whole number written without sign, fraction or exponent.
  var count: Int? {
    guard case .number(let text) = self else { return nil }
    return Int(text).flatMap { text.hasPrefix("-") ? nil : $0 }
  }

  var counts: [Int]? {
    guard case .array(let values) = self else { return nil }
    let counts = values.compactMap(\.count)
    return counts.count == values.count ? counts : nil
  }

  var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
}

/// A strict parser of RFC 8259 over UTF-8 bytes already known to be valid. It refuses repeated
/// keys and nesting beyond 128, as the reference implementation of safetensors does.
struct HeaderParser {
  typealias Reason = ParameterFileError.Reason

  private static let deepest = 128
  private let bytes: [UInt8]
  private var position = 0

  /// Parses the whole of `bytes`; only white space may follow the value.
  static func parse(_ bytes: [UInt8]) throws(Failure) -> HeaderJSON {
    var parser = HeaderParser(bytes: bytes)
    guard bytes.first == UInt8(ascii: "{") else { throw parser.failure("'{'") }
    let value = try parser.value(depth: 1)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.failure("the end of the header") }
    return value
  }

  struct Failure: Error { let reason: Reason }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func failure(_ expected: String) -> Failure {
    Failure(reason: .malformedHeader(offset: position, expected: expected))
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  /// Takes one byte if it is the given one.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(Failure) -> HeaderJSON {
    guard depth <= Self.deepest else { throw failure("at most \(Self.deepest) levels") }
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true")
    case UInt8(ascii: "f"): return try literal("false")
    case UInt8(ascii: "n"): return try literal("null")
    default: return .number(try number())
    }
  }

  private mutating func object(depth: Int) throws(Failure) -> HeaderJSON {
    position += 1
    var members: [(key: String, value: HeaderJSON)] = []
    var keys: Set<String> = []
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("a key in quotes") }
      let key = try string()
      guard keys.insert(key).inserted else { throw Failure(reason: .duplicateName(key)) }
      skipSpace()
      guard take(":") else { throw failure("':'") }
      skipSpace()
      members.append((key, try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw failure("',' or '}'") }
    }
  }

  private mutating func array(depth: Int) throws(Failure) -> HeaderJSON {
    position += 1
    var values: [HeaderJSON] = []
    skipSpace()
    if take("]") { return .array(values) }
    while true {
      skipSpace()
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(values) }
      guard take(",") else { throw failure("',' or ']'") }
    }
  }

  private mutating func literal(_ word: StaticString) throws(Failure) -> HeaderJSON {
    let wanted = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard bytes[position...].starts(with: wanted) else { throw failure("a JSON value") }
    position += wanted.count
    return .literal
  }

  private mutating func digits() throws(Failure) {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    if position == start { throw failure("a digit") }
  }

  private mutating func number() throws(Failure) -> String {
    let start = position
    _ = take("-")
    if !take("0") {
      guard let byte = next, (0x31...0x39).contains(byte) else { throw failure("a JSON value") }
      try digits()
    }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }
}

extension HeaderParser {
  private mutating func string() throws(Failure) -> String {
    position += 1
    var text: [UInt8] = []
    while true {
      guard let byte = next else { throw failure("a closing quote") }
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        position += 1
        text.append(contentsOf: try escape())
      case 0..<0x20:
        throw failure("no control character inside a string")
      default:
        text.append(byte)
        position += 1
      }
    }
  }

  /// The UTF-8 bytes of one escape sequence, whose backslash was taken.
  private mutating func escape() throws(Failure) -> [UInt8] {
    guard let byte = next else { throw failure("an escape sequence") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(try unicodeScalar()).utf8)
    default: throw failure("an escape sequence")
    }
  }

  private mutating func unicodeScalar() throws(Failure) -> Character {
    var code = try fourHexDigits()
    if (0xD800..<0xDC00).contains(code) {
      guard take("\\"), take("u") else { throw failure("the second half of a surrogate pair") }
      let low = try fourHexDigits()
      guard (0xDC00..<0xE000).contains(low) else {
        throw failure("the second half of a surrogate pair")
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("a Unicode scalar") }
    return Character(scalar)
  }

  private mutating func fourHexDigits() throws(Failure) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("four hexadecimal digits")
      }
      code = code << 4 + UInt32(digit)
      position += 1
    }
    return code
  }
}
