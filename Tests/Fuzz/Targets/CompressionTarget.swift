@testable import ClseqData

/// A compressed stream: whatever its bytes are, and what a text gives when it is compressed.
struct CompressionTarget: FuzzTarget {
  /// Enough to see what a decoder does; a few bytes may ask for gigabytes.
  private static let mostByteCount = 1 << 20

  private let compression: Compression

  init(_ compression: Compression) { self.compression = compression }

  func run(_ input: [UInt8]) {
    let halves = [input[..<(input.count / 2)], input[(input.count / 2)...]]
    let members = halves.flatMap { compression.compress(Array($0)) }
    let back = text(of: members, pieceByteCount: 5, bufferByteCount: 3)
    require(back.isWhole && back.bytes == input, "compressed and read again it is another text")

    let whole = text(of: input, pieceByteCount: .max, bufferByteCount: 1 << 16)
    let pieces = text(of: input, pieceByteCount: 1, bufferByteCount: 1 << 12)
    guard pieces.bytes.count < Self.mostByteCount else { return }
    require(whole.isWhole == pieces.isWhole, "in pieces the outcome is another")
    // Before an error more may come out of smaller pieces.
    require(
      whole.isWhole ? whole.bytes == pieces.bytes : pieces.bytes.starts(with: whole.bytes),
      "in pieces the text is another")
  }

  /// What comes out before the end or the first error.
  private func text(
    of stream: [UInt8], pieceByteCount: Int, bufferByteCount: Int
  ) -> (bytes: [UInt8], isWhole: Bool) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: bufferByteCount, alignment: 1)
    defer { buffer.deallocate() }
    var bytes: [UInt8] = []
    do throws(DataError) {
      var source = try decoder(PiecewiseSource(stream, pieceByteCount: pieceByteCount))
      while bytes.count < Self.mostByteCount {
        let count = try source.fill(buffer)
        if count == 0 { return (bytes, true) }
        bytes.append(contentsOf: buffer[..<count])
      }
      return (Array(bytes.prefix(Self.mostByteCount)), true)
    } catch {
      return (Array(bytes.prefix(Self.mostByteCount)), false)
    }
  }

  private func decoder(_ source: PiecewiseSource) throws(DataError) -> any ByteSource {
    let (input, limit) = (BufferedInput(source), ExpansionLimit(ratio: 256))
    return switch compression {
    case .gzip: try GzipByteSource(input, limit: limit)
    case .zstd: try ZstdByteSource(input, limit: limit)
    }
  }
}
