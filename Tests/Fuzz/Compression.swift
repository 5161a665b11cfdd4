import CZlib
import CZstd

/// Makes compressed streams to read.
enum Compression: CaseIterable {
  case gzip
  case zstd

  /// One member, or frame, of these bytes.
  func compress(_ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .gzip: Self.gzip(bytes)
    case .zstd: Self.zstd(bytes)
    }
  }

  private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = bytes
    return input.withUnsafeMutableBufferPointer { input in
      Array(unsafeUninitializedCapacity: Int(deflateBound(&stream, UInt(input.count)))) {
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = $0.baseAddress
        stream.avail_out = UInt32($0.count)
        deflate(&stream, Z_FINISH)
        $1 = $0.count - Int(stream.avail_out)
      }
    }
  }

  private static func zstd(_ bytes: [UInt8]) -> [UInt8] {
    Array(unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) {
      $1 = ZSTD_compress($0.baseAddress, $0.count, bytes, bytes.count, 3)
    }
  }
}
