/// Reads decimal numbers from bytes.
enum DecimalNumber {
  /// The finite value of `-12`, `881250949`, `1.5` or `8.8e8`; nil for anything else, such as
  /// hexadecimal digits, blanks, `nan` or a value beyond Double.
  static func parse(_ bytes: UnsafeRawBufferPointer) -> Double? {
    // Up to 15 digits are exact in Double, and nearly every time in a log is such an integer.
    if (1...15).contains(bytes.count) {
      var value: Int64 = 0
      for (index, byte) in bytes.enumerated() {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        if index == bytes.count - 1 { return Double(value) }
      }
    }
    guard bytes.allSatisfy(isNumeric) else { return nil }
    guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else {
      return nil
    }
    return value
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
