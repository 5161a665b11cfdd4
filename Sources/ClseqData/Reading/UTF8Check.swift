/// Looks for the first byte that breaks UTF-8.
enum UTF8Check {
  /// The offset of the first faulty byte, or nil if all is well.
  static func firstFault(in bytes: UnsafeRawBufferPointer) -> Int? {
    var position = 0
    while position < bytes.count {
      let asciiCount = leadingASCIICount(in: bytes, from: position)
      position += asciiCount
      guard position < bytes.count else { return nil }
      let length = sequenceLength(in: bytes, at: position)
      if length == 0 { return position }
      position += length
    }
    return nil
  }

  private static func leadingASCIICount(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start
    while position + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      if word & 0x8080_8080_8080_8080 != 0 { break }
      position += 8
    }
    while position < bytes.count && bytes[position] < 0x80 { position += 1 }
    return position - start
  }

  /// The length of the multi-byte sequence at `start`, zero if it is not well formed (Unicode
  /// Standard, table 3-7: no surrogates, no overlong forms, nothing above U+10FFFF).
  private static func sequenceLength(in bytes: UnsafeRawBufferPointer, at start: Int) -> Int {
    let (length, second): (Int, ClosedRange<UInt8>) =
      switch bytes[start] {
      case 0xC2...0xDF: (2, 0x80...0xBF)
      case 0xE0: (3, 0xA0...0xBF)
      case 0xED: (3, 0x80...0x9F)
      case 0xE1...0xEF: (3, 0x80...0xBF)
      case 0xF0: (4, 0x90...0xBF)
      case 0xF1...0xF3: (4, 0x80...0xBF)
      case 0xF4: (4, 0x80...0x8F)
      default: (0, 0...0)
      }
    guard length > 0, start + length <= bytes.count, second.contains(bytes[start + 1]) else {
      return 0
    }
    for byte in bytes[(start + 2)..<(start + length)] where byte & 0xC0 != 0x80 { return 0 }
    return length
  }
}
