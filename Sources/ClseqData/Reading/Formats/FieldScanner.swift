/// A field of a line, with its place in it.
struct Field {
  /// Offset of the first byte from the start of the line.
  let offset: Int
  let bytes: UnsafeRawBufferPointer
}

/// Splits a line at runs of blanks (space, TAB, and a carriage return left by CR CR LF).
struct FieldScanner {
  private let line: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ line: UnsafeRawBufferPointer) {
    self.line = line
  }

  /// The next field, nil at the end of the line.
  mutating func next() -> Field? {
    while offset < line.count && Self.isBlank(line[offset]) { offset += 1 }
    guard offset < line.count else { return nil }
    let start = offset
    while offset < line.count && !Self.isBlank(line[offset]) { offset += 1 }
    return Field(offset: start, bytes: UnsafeRawBufferPointer(rebasing: line[start..<offset]))
  }

  /// Counts the fields ahead without using them up.
  func remainingCount() -> Int {
    var ahead = self
    var count = 0
    while ahead.next() != nil { count += 1 }
    return count
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }
}
