#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Follows the quotes of a record of RFC 4180, to tell whether the end of a line ends the record.
///
/// A quote opens a field only as its first byte; inside, two quotes stand for one.
struct QuoteScan {
  private static let quote = UInt8(ascii: "\"")

  /// Whether the record so far ends inside a quoted field.
  private(set) var isOpen = false
  /// The offset of that field's opening quote in the record.
  private(set) var openOffset = 0
  private let separator: UInt8
  private var offset = 0

  init(separator: UInt8) {
    self.separator = separator
  }

  /// Whether there is any quote; most records have none.
  static func hasQuote(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return false }
    return memchr(base, Int32(quote), bytes.count) != nil
  }

  /// Scans to the current end of the record, which has grown since the last call.
  mutating func advance(through record: UnsafeRawBufferPointer) {
    while offset < record.count {
      let byte = record[offset]
      if isOpen {
        let isDoubled =
          byte == Self.quote && offset + 1 < record.count && record[offset + 1] == Self.quote
        if isDoubled { offset += 1 } else if byte == Self.quote { isOpen = false }
      } else if byte == Self.quote && (offset == 0 || record[offset - 1] == separator) {
        isOpen = true
        openOffset = offset
      }
      offset += 1
    }
  }
}
