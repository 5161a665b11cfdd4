/// The Castagnoli cyclic redundancy check (RFC 3720, appendix B.4), as TensorBoard's records and
/// our checkpoints use it.
package struct CRC32C {
  /// The checksum of the bytes so far.
  package var value: UInt32 { ~register }

  private var register: UInt32 = ~0

  package init() {}

  /// The checksum of all of `bytes`.
  package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var check = CRC32C()
    check.update(Array(bytes))
    return check.value
  }

  /// Takes in more bytes, eight at a time (Intel's slicing-by-8).
  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Takes in more bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    Self.tables.withUnsafeBufferPointer { table in
      var register = register
      var position = 0
      while position + 8 <= bytes.count {
        let word =
          UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
          ^ UInt64(register)
        register = 0
        for byte in 0..<8 {
          let index = Int(truncatingIfNeeded: word >> UInt64(8 * byte)) & 0xFF
          register ^= table[(7 - byte) * 256 + index]
        }
        position += 8
      }
      while position < bytes.count {
        register = register >> 8 ^ table[Int((register ^ UInt32(bytes[position])) & 0xFF)]
        position += 1
      }
      self.register = register
    }
  }

  /// Table t at `256 t`: the register after a byte and t zero bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      tables[byte] = (0..<8).reduce(UInt32(byte)) { value, _ in
        value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
      }
    }
    for index in 256..<tables.count {
      let previous = tables[index - 256]
      tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
    }
    return tables
  }()
}
