@testable import ClseqBase
@testable import ClseqData

/// A decimal number: the value is that of Swift's `Double(String)` to the last bit, and what is no
/// number there is none here.
struct NumberTarget: FuzzTarget {
  func run(_ input: [UInt8]) {
    let value = input.withUnsafeBytes { DecimalNumber.parse($0) }
    let isDecimal = input.allSatisfy { "0123456789.+-eE".utf8.contains($0) }
    let text = String(decoding: input, as: UTF8.self)
    let expected = isDecimal ? Double(text).flatMap { $0.isFinite ? $0 : nil } : nil
    require(
      value?.bitPattern == expected?.bitPattern,
      "\(text) is \(String(describing: value)), not \(String(describing: expected))")

    let natural = input.withUnsafeBytes { DecimalNumber.natural($0) }
    let isNatural = (1...19).contains(input.count) && input.allSatisfy { 48...57 ~= $0 }
    require(natural == (isNatural ? Int64(text) : nil), "\(text) is another natural number")
  }
}
