/// The wire format of Protocol Buffers, as much of it as events need.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case fixed32 = 5
  }

  mutating func append(_ field: UInt64, _ value: Double) {
    appendKey(field, .fixed64)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ field: UInt64, _ value: Float) {
    appendKey(field, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ field: UInt64, _ flag: Bool) { append(field, flag ? 1 : 0) }

  /// A `repeated double`, packed.
  mutating func append(_ field: UInt64, _ values: [Double]) {
    var content: [UInt8] = []
    content.reserveCapacity(8 * values.count)
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { content.append(contentsOf: $0) }
    }
    appendDelimited(field, content)
  }

  /// An `int64`; negative numbers take ten bytes.
  mutating func append(_ field: UInt64, _ value: Int) {
    appendKey(field, .varint)
    appendVarint(UInt64(bitPattern: Int64(value)))
  }

  mutating func append(_ field: UInt64, _ text: String) {
    appendDelimited(field, Array(text.utf8))
  }

  mutating func append(_ field: UInt64, _ message: ProtobufMessage) {
    appendDelimited(field, message.bytes)
  }

  mutating func append(_ field: UInt64, bytes content: [UInt8]) { appendDelimited(field, content) }

  private mutating func appendDelimited(_ field: UInt64, _ content: [UInt8]) {
    appendKey(field, .delimited)
    appendVarint(UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  private mutating func appendKey(_ field: UInt64, _ type: WireType) {
    appendVarint(field << 3 | type.rawValue)
  }

  /// Seven bits a byte, lowest first; all but the last have the high bit set.
  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
