/// Reads the parts of one JSON text, strictly by RFC 8259, from the first byte to the last.
package struct JSONScanner {
  /// How deep values may be nested.
  package static let maximumDepth = 128

  /// Where the text is not JSON, or not the JSON that was expected.
  package struct Fault: Error, Equatable {
    /// In bytes from the start of the text.
    package let offset: Int
    package let expected: String
    /// The text at the offset, in quotes, or that the text ends there.
    package let found: String
  }

  @usableFromInline let bytes: UnsafeRawBufferPointer
  /// Where strings with escapes are written out.
  private let buffer: TextBuffer
  /// In bytes from the start of the text.
  @usableFromInline package var position = 0

  /// A scanner of `bytes`, for which `buffer` has room.
  package init(_ bytes: UnsafeRawBufferPointer, _ buffer: TextBuffer) {
    self.bytes = bytes
    self.buffer = buffer
  }

  /// The next byte that is no blank; nil at the end.
  @inlinable @inline(__always) package mutating func peek() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
        position += 1
      default: return bytes[position]
      }
    }
    return nil
  }

  /// Takes a byte, after blanks, if it is the next.
  @inlinable @inline(__always) package mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  @inlinable @inline(__always) package mutating func require(_ byte: UInt8, _ expected: String)
    throws(Fault)
  {
    guard take(byte) else { throw fault(expected) }
  }

  /// Sees that nothing follows.
  package mutating func requireEnd() throws(Fault) {
    if peek() != nil { throw fault("the end of the text") }
  }

  /// A fault at the present place.
  package func fault(_ expected: String) -> Fault {
    let rest = bytes[position...]
    let text = String(decoding: rest.prefix(20), as: UTF8.self)
    return Fault(
      offset: position, expected: expected,
      found: rest.isEmpty ? "the end of the text" : "\"\(text)\(rest.count > 20 ? "…" : "")\"")
  }

  /// The text of a string, which begins here with its quote.
  @inlinable package mutating func string(_ expected: String) throws(Fault)
    -> UnsafeRawBufferPointer
  {
    try require(UInt8(ascii: "\""), expected)
    let start = position
    skipPlainText()
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position - 1])
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      if byte < 0x20 { throw fault("a string without control characters") }
      position += 1
    }
    throw fault("a closing quote")
  }

  /// The text of a string, number, `true` or `false`; empty for `null`; nil for an object or an
  /// array, which is passed over.
  @inlinable package mutating func scalar() throws(Fault) -> UnsafeRawBufferPointer? {
    switch peek() {
    case UInt8(ascii: "\""): return try string("a string")
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      try skipNested(depth: 1)
      return nil
    case UInt8(ascii: "t"): return try word("true")
    case UInt8(ascii: "f"): return try word("false")
    case UInt8(ascii: "n"):
      _ = try word("null")
      return UnsafeRawBufferPointer(start: nil, count: 0)
    default: return try number()
    }
  }
}

extension JSONScanner {
  /// Passes over eight bytes at a time in which there is no quote, no backslash and no control
  /// character.
  @inlinable @inline(__always) mutating func skipPlainText() {
    let (ones, highs): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    let quotes = ones &* UInt64(UInt8(ascii: "\""))
    let backslashes = ones &* UInt64(UInt8(ascii: "\\"))
    // Below a byte of this kind, and nowhere else first, subtraction borrows into the high bit.
    func marks(_ word: UInt64, below limit: UInt64) -> UInt64 { (word &- limit) & ~word }
    while position + 8 <= bytes.count {
      let word = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let found =
        marks(word, below: ones &* 0x20) | marks(word ^ quotes, below: ones)
        | marks(word ^ backslashes, below: ones)
      if found & highs != 0 { return }
      position += 8
    }
  }

  @usableFromInline mutating func word(_ word: StaticString) throws(Fault) -> UnsafeRawBufferPointer
  {
    let expected = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    let start = position
    guard bytes[start...].starts(with: expected) else { throw fault("a value") }
    position += expected.count
    return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
  }

  @inlinable mutating func number() throws(Fault) -> UnsafeRawBufferPointer {
    let start = position
    takeIf { $0 == UInt8(ascii: "-") }
    let isZero = takeIf { $0 == UInt8(ascii: "0") }
    if !isZero && digits() == 0 { throw fault("a value") }
    if takeIf({ $0 == UInt8(ascii: ".") }) && digits() == 0 { throw fault("a digit") }
    if takeIf({ $0 | 0x20 == UInt8(ascii: "e") }) {
      takeIf { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
      if digits() == 0 { throw fault("a digit") }
    }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
  }

  @discardableResult
  @inlinable @inline(__always) mutating func takeIf(_ condition: (UInt8) -> Bool) -> Bool {
    guard position < bytes.count, condition(bytes[position]) else { return false }
    position += 1
    return true
  }

  @inlinable mutating func digits() -> Int {
    let start = position
    while takeIf({ $0 &- UInt8(ascii: "0") <= 9 }) {}
    return position - start
  }

  /// Passes over an object or an array.
  @usableFromInline mutating func skipNested(depth: Int) throws(Fault) {
    guard depth <= Self.maximumDepth else {
      throw fault("values nested at most \(Self.maximumDepth) deep")
    }
    let isObject = take(UInt8(ascii: "{"))
    if !isObject { position += 1 }
    let end = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
    if take(end) { return }
    repeat {
      if isObject {
        _ = try string("a key in quotes")
        try require(UInt8(ascii: ":"), "a colon")
      }
      if peek() == UInt8(ascii: "{") || peek() == UInt8(ascii: "[") {
        try skipNested(depth: depth + 1)
      } else {
        _ = try scalar()
      }
    } while take(UInt8(ascii: ","))
    try require(end, isObject ? "a comma or a closing brace" : "a comma or a closing bracket")
  }

  /// Writes out a string from its start, of which a part up to the first escape has been seen.
  @usableFromInline mutating func escapedString(
    from start: Int
  ) throws(Fault) -> UnsafeRawBufferPointer {
    let mark = buffer.mark
    position = start
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return buffer.text(since: mark)
      case UInt8(ascii: "\\"): try escape()
      case 0..<0x20: throw fault("a string without control characters")
      default:
        buffer.append(byte)
        position += 1
      }
    }
    throw fault("a closing quote")
  }

  /// Writes out the character of an escape, which is never longer than the escape.
  private mutating func escape() throws(Fault) {
    let start = position
    position += 1
    guard position < bytes.count else { throw fault("a letter after the backslash") }
    let letter = bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(letter)
    case UInt8(ascii: "b"): buffer.append(0x08)
    case UInt8(ascii: "f"): buffer.append(0x0C)
    case UInt8(ascii: "n"): buffer.append(0x0A)
    case UInt8(ascii: "r"): buffer.append(0x0D)
    case UInt8(ascii: "t"): buffer.append(0x09)
    case UInt8(ascii: "u"):
      for byte in UTF8.encode(try unicodeScalar(start)) ?? UTF8.encodedReplacementCharacter {
        buffer.append(byte)
      }
    default:
      position = start
      throw fault("an escape of JSON")
    }
  }

  /// The character of `\uXXXX`, or of two of them that are a surrogate pair.
  private mutating func unicodeScalar(_ start: Int) throws(Fault) -> Unicode.Scalar {
    var value = hexadecimal()
    if let high = value, (0xD800..<0xDC00).contains(high) {
      let hasLow = takeIf { $0 == UInt8(ascii: "\\") } && takeIf { $0 == UInt8(ascii: "u") }
      let low = hasLow ? hexadecimal() : nil
      value = low.flatMap { low in
        (0xDC00..<0xE000).contains(low) ? 0x1_0000 + (high - 0xD800) << 10 + low - 0xDC00 : nil
      }
    }
    guard let value, value > 0, let scalar = Unicode.Scalar(value) else {
      position = start
      throw fault("an escape that is a character")
    }
    return scalar
  }

  private mutating func hexadecimal() -> UInt32? {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count,
        let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
      else { return nil }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
