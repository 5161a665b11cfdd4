import CZstd

/// The text of a Zstandard stream, of one frame or several one after another.
///
/// A frame that asks for a window beyond libzstd's default of 128 MiB is refused, and so are frames of
/// the formats before version 0.8, whose errors depend on how the stream is cut into pieces.
/// Source: RFC 8878.
final class ZstdByteSource: ByteSource {
  /// The first bytes of every frame.
  static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
  /// The same of frames to skip, the low half of whose first byte is free.
  private static let skippableMagic: [UInt8] = [0x50, 0x2A, 0x4D, 0x18]

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
      try input.require(isInFrame ? 1 : Self.magic.count)
      if !isInFrame { try checkMagic() }
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

  /// Looks at the first bytes of a frame. Fewer than four are left to the decoder, which misses the rest.
  private func checkMagic() throws(DataError) {
    let start = Array(input.pending.prefix(Self.magic.count))
    guard start.count == Self.magic.count, start != Self.magic else { return }
    guard [start[0] & 0xF0] + start.dropFirst() == Self.skippableMagic else {
      throw failure("the zstd stream is damaged, or of a format before version 0.8")
    }
  }

  private func failure(_ reason: String) -> DataError {
    .corrupt(path: path, reason: reason)
  }
}
