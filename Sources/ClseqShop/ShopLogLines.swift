/// Lines of a shop's log, such as `u1 TAB i5 TAB view TAB 1700000000`.
enum ShopLogLines {
  /// Two tokens of a letter and up to ten digits, a type, a time of up to nineteen digits, three
  /// separators and the end of the line.
  private static let maximumByteCount = 11 + 11 + 8 + 19 + 4
  /// [kind] its name.
  private static let kinds = ShopEvent.Kind.allCases.map { Array($0.rawValue.utf8) }

  /// The lines of one user (from 0).
  static func text(of events: [ShopEvent], user: Int, separator: UInt8) -> [UInt8] {
    let kinds = kinds
    return Array(unsafeUninitializedCapacity: events.count * maximumByteCount) { bytes, count in
      for event in events {
        append(UInt8(ascii: "u"), bytes, &count)
        append(user + 1, bytes, &count)
        append(separator, bytes, &count)
        append(UInt8(ascii: "i"), bytes, &count)
        append(event.item + 1, bytes, &count)
        append(separator, bytes, &count)
        for byte in kinds[event.kind.index] { append(byte, bytes, &count) }
        append(separator, bytes, &count)
        append(event.time, bytes, &count)
        append(UInt8(ascii: "\n"), bytes, &count)
      }
    }
  }

  private static func append(
    _ byte: UInt8, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
  ) {
    bytes[count] = byte
    count += 1
  }

  /// A number that is not negative, in decimal.
  private static func append(
    _ number: Int, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
  ) {
    var digitCount = 1
    var power = 10
    while number >= power {
      digitCount += 1
      power *= 10
    }
    var rest = UInt(number)
    for place in stride(from: count + digitCount - 1, through: count, by: -1) {
      bytes[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    count += digitCount
  }
}
