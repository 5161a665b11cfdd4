/// A token in sixteen bytes: up to fifteen bytes of text stand in the key itself, so that equal
/// keys are equal tokens; a longer token is a hash and its length.
///
/// The hash multiplies 64-bit halves into 128 bits and folds them, after W. Yi's wyhash
/// (https://github.com/wangyi-fudan/wyhash). It is the same on every machine.
struct TokenKey: Equatable, Sendable {
  /// The key of the empty token.
  static let empty = TokenKey(UnsafeRawBufferPointer(start: nil, count: 0))

  private static let inlineByteCount = 15
  private static let longMark: UInt64 = 0xFF << 56
  private static let salt: (UInt64, UInt64) = (0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB)

  let low: UInt64
  /// The length in the top byte, 255 for a long token.
  let high: UInt64

  init(_ token: UnsafeRawBufferPointer) {
    let count = token.count
    if count < 8 {
      low = Self.short(token)
      high = UInt64(count) << 56
    } else if count <= Self.inlineByteCount {
      low = Self.word(token, 0)
      high = Self.word(token, count - 8) >> UInt64((16 - count) * 8) | UInt64(count) << 56
    } else {
      low = Self.hash(token)
      high = Self.longMark | UInt64(count) & ~Self.longMark
    }
  }

  /// Whether equal keys may be of different tokens.
  var isHashed: Bool { high >= Self.longMark }

  /// The token itself, if the key is not hashed.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: (low.littleEndian, high.littleEndian)) { key in
      body(UnsafeRawBufferPointer(rebasing: key[..<Int(high >> 56)]))
    }
  }

  /// 64 well mixed bits.
  var hash: UInt64 { Self.fold(low ^ Self.salt.0, high ^ Self.salt.1) }

  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  private static func hash(_ token: UnsafeRawBufferPointer) -> UInt64 {
    var hash = fold(UInt64(token.count) ^ salt.0, salt.1)
    var position = 0
    while position + 16 < token.count {
      hash = fold(word(token, position) ^ hash, word(token, position + 8) ^ salt.1)
      position += 16
    }
    let tail = token.count - 16
    return fold(word(token, tail) ^ hash, word(token, tail + 8) ^ salt.0)
  }

  private static func word(_ token: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: token.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// Fewer than eight bytes, from loads that overlap rather than one by one.
  private static func short(_ token: UnsafeRawBufferPointer) -> UInt64 {
    let count = token.count
    if count >= 4 {
      let first = token.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
      let last = token.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
      return UInt64(UInt32(littleEndian: first))
        | UInt64(UInt32(littleEndian: last)) << UInt64((count - 4) * 8)
    }
    if count == 0 { return 0 }
    return UInt64(token[0]) | UInt64(token[count / 2]) << UInt64(count / 2 * 8)
      | UInt64(token[count - 1]) << UInt64((count - 1) * 8)
  }
}
