/// Finds the first byte that is not text: one that breaks UTF-8, or a NUL.
enum TextCheck {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  /// The offset of the first faulty byte, or nil if there is none.
  ///
  /// - Parameter isUTF8: Whether bytes from 0x80 on must be UTF-8; if not, all of them pass.
  static func firstFault(in bytes: UnsafeRawBufferPointer, isUTF8: Bool = true) -> Int? {
    var position = 0
    while true {
      position = firstUnusual(in: bytes, from: position)
      guard position < bytes.count else { return nil }
      if bytes[position] == 0 { return position }
      let length = isUTF8 ? sequenceLength(in: bytes, at: position) : 1
      if length == 0 { return position }
      position += length
    }
  }

  /// The offset of the next byte that is NUL or not ASCII; the count of bytes if there is none.
  private static func firstUnusual(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start
    while position + 8 <= bytes.count && isPlainWord(bytes, at: position) { position += 8 }
    // The last word overlaps those before it.
    if position + 8 > bytes.count && bytes.count >= 8 && isPlainWord(bytes, at: bytes.count - 8) {
      return bytes.count
    }
    while position < bytes.count && bytes[position] < 0x80 && bytes[position] != 0 {
      position += 1
    }
    return position
  }

  private static func isPlainWord(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    // In a word of ASCII, subtracting one from each byte sets a high bit only if a byte is zero.
    return (word | (word &- ones)) & highs == 0
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
