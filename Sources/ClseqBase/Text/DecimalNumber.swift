/// Reads decimal numbers from bytes.
package enum DecimalNumber {
  /// Powers of ten that are exact in Double.
  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  /// The finite value of `-12`, `881250949`, `1.5` or `8.8e8`; nil for anything else, such as
  /// hexadecimal digits, blanks, `nan` or a value beyond Double.
  package static func parse(_ bytes: UnsafeRawBufferPointer) -> Double? {
    if let value = short(bytes) { return value }
    guard bytes.allSatisfy(isNumeric) else { return nil }
    guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else {
      return nil
    }
    return value
  }

  /// The value of one to nineteen digits; nil for anything else, and for values beyond Int64.
  package static func natural(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    guard (1...18).contains(bytes.count) else {
      guard bytes.count == 19, bytes.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }) else {
        return nil
      }
      return Int64(String(decoding: bytes, as: UTF8.self))
    }
    var value: Int64 = 0
    for byte in bytes {
      let digit = byte &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      value = value &* 10 &+ Int64(digit)
    }
    return value
  }

  /// A number of at most fifteen digits and no exponent, which nearly every number in a log is:
  /// digits and power of ten are exact in Double, so their quotient is rightly rounded.
  private static func short(_ bytes: UnsafeRawBufferPointer) -> Double? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    var digits: Int64 = 0
    var digitCount = 0
    var pointAt: Int?
    for byte in bytes.dropFirst(isNegative ? 1 : 0) {
      if byte == UInt8(ascii: ".") && pointAt == nil {
        pointAt = digitCount
        continue
      }
      let digit = byte &- UInt8(ascii: "0")
      guard digit <= 9, digitCount < 15 else { return nil }
      digits = digits &* 10 &+ Int64(digit)
      digitCount += 1
    }
    guard digitCount > 0 else { return nil }
    let value = Double(digits) / powersOfTen[pointAt.map { digitCount - $0 } ?? 0]
    return isNegative ? -value : value
  }

  private static func isNumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }
}
