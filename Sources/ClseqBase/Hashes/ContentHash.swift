/// XXH64 of a stream of bytes, which identifies the exact data that a score was measured on.
///
/// Source: Y. Collet, "XXH64 algorithm description",
/// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. Seed 0.
public struct ContentHash: Sendable {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
  private static let stripe = 32

  private var lane0 = prime1 &+ prime2
  private var lane1 = prime2
  private var lane2: UInt64 = 0
  private var lane3 = 0 &- prime1
  /// How many bytes have been taken in.
  package private(set) var byteCount = 0
  /// Bytes that do not fill a stripe yet.
  private var rest: [UInt8] = []

  /// The hash of no bytes.
  public init() {}

  /// Takes in the next bytes of the stream.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount += bytes.count
    var start = 0
    if !rest.isEmpty {
      start = min(Self.stripe - rest.count, bytes.count)
      rest.append(contentsOf: bytes[..<start])
      guard rest.count == Self.stripe else { return }
      rest.withUnsafeBytes { absorb($0) }
      rest.removeAll(keepingCapacity: true)
    }
    let whole = (bytes.count - start) / Self.stripe * Self.stripe
    absorb(UnsafeRawBufferPointer(rebasing: bytes[start..<start + whole]))
    rest.append(contentsOf: bytes[(start + whole)...])
  }

  /// The 64-bit hash of all bytes so far.
  public var value: UInt64 {
    var hash = Self.prime5
    if byteCount >= Self.stripe {
      hash = rotated(lane0, 1) &+ rotated(lane1, 7) &+ rotated(lane2, 12) &+ rotated(lane3, 18)
      for lane in [lane0, lane1, lane2, lane3] {
        hash = (hash ^ round(0, lane)) &* Self.prime1 &+ Self.prime4
      }
    }
    hash = rest.withUnsafeBytes { finish(hash &+ UInt64(byteCount), $0) }
    hash = (hash ^ (hash >> 33)) &* Self.prime2
    hash = (hash ^ (hash >> 29)) &* Self.prime3
    return hash ^ (hash >> 32)
  }

  /// The hash as passports have it: `xxh64:` and sixteen hexadecimal digits.
  public var text: String {
    let digits = String(value, radix: 16)
    return "xxh64:" + String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Mixes whole stripes into the four lanes.
  private mutating func absorb(_ stripes: UnsafeRawBufferPointer) {
    var (a, b, c, d) = (lane0, lane1, lane2, lane3)
    for start in stride(from: 0, to: stripes.count, by: Self.stripe) {
      a = round(a, word(stripes, start))
      b = round(b, word(stripes, start + 8))
      c = round(c, word(stripes, start + 16))
      d = round(d, word(stripes, start + 24))
    }
    (lane0, lane1, lane2, lane3) = (a, b, c, d)
  }

  /// Mixes in the bytes after the last whole stripe: words, then a half word, then bytes.
  private func finish(_ start: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = start
    var position = 0
    while position + 8 <= bytes.count {
      hash ^= round(0, word(bytes, position))
      hash = rotated(hash, 27) &* Self.prime1 &+ Self.prime4
      position += 8
    }
    if position + 4 <= bytes.count {
      let half = UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
      hash ^= UInt64(half) &* Self.prime1
      hash = rotated(hash, 23) &* Self.prime2 &+ Self.prime3
      position += 4
    }
    for byte in bytes[position...] {
      hash = rotated(hash ^ (UInt64(byte) &* Self.prime5), 11) &* Self.prime1
    }
    return hash
  }

  private func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotated(lane &+ input &* Self.prime2, 31) &* Self.prime1
  }

  private func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &<< count | value &>> (64 - count)
  }

  private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
