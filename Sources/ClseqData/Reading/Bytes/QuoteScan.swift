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
  /// Where in the record that field's opening quote is.
  private(set) var openOffset = 0
  private let separator: UInt8
  private var offset = 0

  init(separator: UInt8) {
    self.separator = separator
  }

  /// Whether there is any quote, which most records lack.
  static func hasQuote(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return false }
    return memchr(base, Int32(quote), bytes.count) != nil
  }

  /// Goes on to the end of the record as it is now known; it has grown since the last call.
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
