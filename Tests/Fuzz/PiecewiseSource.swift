@testable import ClseqData

/// Bytes in memory that come a few at a time, as a pipe may give them.
struct PiecewiseSource: ByteSource {
  let path = "log"
  private let bytes: [UInt8]
  private let pieceByteCount: Int
  private var position = 0

  init(_ bytes: [UInt8], pieceByteCount: Int = .max) {
    self.bytes = bytes
    self.pieceByteCount = pieceByteCount
  }

  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(pieceByteCount, buffer.count, bytes.count - position)
    buffer.copyBytes(from: bytes[position..<position + count])
    position += count
    return count
  }
}
