import CZstd

/// The text of a Zstandard stream, of one frame or several one after another.
///
/// A frame that asks for a window beyond libzstd's default of 128 MiB is refused.
/// Source: RFC 8878.
final class ZstdByteSource: ByteSource {
  /// The first bytes of every frame.
  static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

  private let input: BufferedInput
  private var limit: ExpansionLimit
  private let stream: OpaquePointer
  /// Whether a frame has begun that has not been written out whole.
  private var isInFrame = false

  init(_ input: BufferedInput, limit: ExpansionLimit) throws(DataError) {
    guard let stream = ZSTD_createDStream() else {
      throw .corrupt(path: input.path, reason: "zstd cannot begin: no memory")
    }
    self.input = input
    self.limit = limit
    self.stream = stream
  }

  deinit { ZSTD_freeDStream(stream) }

  var path: String { input.path }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    while true {
      try input.require(1)
      // At the end of the input the decoder may still hold text that had no room.
      let isExhausted = input.pending.isEmpty
      if isExhausted && !isInFrame { return 0 }
      var source = ZSTD_inBuffer(
        src: input.pending.baseAddress, size: input.pending.count, pos: 0)
      var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      let code = ZSTD_decompressStream(stream, &target, &source)
      if ZSTD_isError(code) != 0 {
        throw failure("the zstd stream is damaged: \(String(cString: ZSTD_getErrorName(code)))")
      }
      isInFrame = code != 0
      input.consume(source.pos)
      try limit.count(consumed: source.pos, produced: target.pos, path: path)
      if target.pos > 0 { return target.pos }
      if isExhausted && isInFrame { throw failure("the zstd stream ends in the middle") }
    }
  }

  private func failure(_ reason: String) -> DataError {
    .corrupt(path: path, reason: reason)
  }
}
