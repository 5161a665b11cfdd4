import ClseqBase

extension JSONScanner {
  /// Calls `body` with each key of the line's object, with its place, and the scanner before the
  /// value, which `body` must take.
  static func forEachMember(
    of line: UnsafeRawBufferPointer, _ buffer: FieldBuffer,
    _ body: (UnsafeRawBufferPointer, Int, inout JSONScanner) throws(LineFault) -> Void
  ) throws(LineFault) {
    var scanner = JSONScanner(line, buffer.texts)
    try scanner.expect(UInt8(ascii: "{"), "an object in braces")
    if !scanner.take(UInt8(ascii: "}")) {
      repeat {
        _ = scanner.peek()
        let offset = scanner.position
        let key: UnsafeRawBufferPointer
        do { key = try scanner.string("a key in quotes") } catch { throw LineFault(error) }
        try scanner.expect(UInt8(ascii: ":"), "a colon")
        try body(key, offset, &scanner)
      } while scanner.take(UInt8(ascii: ","))
      try scanner.expect(UInt8(ascii: "}"), "a comma or a closing brace")
    }
    do { try scanner.requireEnd() } catch { throw LineFault(error) }
  }

  /// Takes a byte that the line must have here.
  mutating func expect(_ byte: UInt8, _ expected: String) throws(LineFault) {
    do { try require(byte, expected) } catch { throw LineFault(error) }
  }

  /// ``scalar()`` of a line.
  mutating func value() throws(LineFault) -> UnsafeRawBufferPointer? {
    do { return try scalar() } catch { throw LineFault(error) }
  }
}

extension LineFault {
  /// A line that is not the JSON that was expected.
  init(_ fault: JSONScanner.Fault) {
    self.init(offset: fault.offset, expected: fault.expected, found: fault.found)
  }
}

extension Field {
  /// The value of a member that is read.
  ///
  /// - Parameters:
  ///   - text: What ``JSONScanner/value()`` gave.
  ///   - offset: Where it begins in the line.
  init(json text: UnsafeRawBufferPointer?, at offset: Int) throws(LineFault) {
    guard let text else {
      throw LineFault(
        offset: offset, expected: "a string or a number", found: "an object or an array")
    }
    guard text.count <= FieldSplitter.maximumFieldByteCount else {
      throw LineFault(
        offset: offset, expected: "a field of at most \(FieldSplitter.maximumFieldByteCount) bytes",
        found: "one of \(text.count)")
    }
    self.init(offset: offset, bytes: text)
  }
}
