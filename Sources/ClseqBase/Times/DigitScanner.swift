/// Takes digits, signs and zones from the start of a text, one after another.
package struct DigitScanner {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  package init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  package var isAtEnd: Bool { position == bytes.count }

  package var nextByte: UInt8? { isAtEnd ? nil : bytes[position] }

  /// Takes a byte if it is the next.
  package mutating func take(_ byte: UInt8) -> Bool {
    guard nextByte == byte else { return false }
    position += 1
    return true
  }

  /// Takes a text if it is the next.
  package mutating func take(_ text: StaticString) -> Bool {
    let expected = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard bytes[position...].starts(with: expected) else { return false }
    position += expected.count
    return true
  }

  /// The number of the digits ahead, at most `limit` of them; nil if there is none.
  package mutating func number(upTo limit: Int) -> Int? {
    let start = position
    var value = 0
    while position < bytes.count && position - start < limit {
      let digit = bytes[position] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      value = value * 10 + Int(digit)
      position += 1
    }
    return position > start ? value : nil
  }

  /// The number of exactly this many digits.
  package mutating func number(digits count: Int) -> Int? {
    let start = position
    guard let value = number(upTo: count), position - start == count else { return nil }
    return value
  }

  /// The digits ahead as a fraction of a second, in microseconds; finer digits are cut off.
  package mutating func fraction() -> Int? {
    let start = position
    guard var value = number(upTo: 6) else { return nil }
    for _ in (position - start)..<6 { value *= 10 }
    while let byte = nextByte, byte &- UInt8(ascii: "0") <= 9 { position += 1 }
    return value
  }

  /// A zone in minutes east of Greenwich: `Z`, `+08:00`, `+0800` or `+08`.
  package mutating func zone() -> Int? {
    if take(UInt8(ascii: "Z")) { return 0 }
    let sign = take(UInt8(ascii: "+")) ? 1 : take(UInt8(ascii: "-")) ? -1 : 0
    guard sign != 0, let hours = number(digits: 2), hours <= 23 else { return nil }
    let hasColon = take(UInt8(ascii: ":"))
    let minutes = number(digits: 2)
    if hasColon && minutes == nil { return nil }
    guard minutes ?? 0 <= 59 else { return nil }
    return sign * (hours * 60 + (minutes ?? 0))
  }
}
