import CZstd

/// The text of a Zstandard stream, of one frame or several one after another.
///
/// A frame whose window is above libzstd's default of 128 MiB is refused, and so are frames of the
/// formats before version 0.8, whose errors depend on the sizes of the pieces. A frame whose content
/// has another size than it states is damaged.
/// Source: RFC 8878.
final class ZstdByteSource: ByteSource {
  /// The first bytes of every frame.
  static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
  /// The first bytes of skippable frames; the low half of the first byte is free.
  private static let skippableMagic: [UInt8] = [0x50, 0x2A, 0x4D, 0x18]
  /// Bytes of the longest header of a frame (RFC 8878, 3.1.1).
  private static let mostHeaderByteCount = 18

  private let input: BufferedInput
  private var limit: ExpansionLimit
  private let stream: OpaquePointer
  /// The frame that has begun and is not complete.
  private var frame: Frame?

  private struct Frame {
    /// Bytes of text that the header states, if any.
    let statedByteCount: UInt64?
    var consumedByteCount = 0
    var producedByteCount: UInt64 = 0
  }

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
  var compression: String? { "zstd" }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    while true {
      try input.require(frame == nil ? Self.mostHeaderByteCount : 1)
      // At the end of the input the decoder may still have text that did not fit.
      let isExhausted = input.pending.isEmpty
      if isExhausted && frame == nil { return 0 }
      var current = if let frame { frame } else { try begin() }
      // A frame that comes whole in one piece takes another path through libzstd, with other checks.
      // Headers that come byte by byte keep every frame on one path.
      let isInHeader = current.consumedByteCount < Self.mostHeaderByteCount
      var source = ZSTD_inBuffer(
        src: input.pending.baseAddress,
        size: isInHeader ? min(1, input.pending.count) : input.pending.count,
        pos: 0)
      var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      let code = ZSTD_decompressStream(stream, &target, &source)
      if ZSTD_isError(code) != 0 {
        throw failure("the zstd stream is damaged: \(String(cString: ZSTD_getErrorName(code)))")
      }
      input.consume(source.pos)
      current.consumedByteCount += source.pos
      current.producedByteCount += UInt64(target.pos)
      frame = current
      if code == 0 { try end(current) }
      try limit.count(consumed: source.pos, produced: target.pos, path: path)
      if target.pos > 0 { return target.pos }
      if isExhausted && frame != nil { throw failure("the zstd stream ends in the middle") }
    }
  }

  /// Reads the header of the next frame. Fewer than four bytes are passed to the decoder, which reports
  /// a stream that ends early.
  private func begin() throws(DataError) -> Frame {
    let start = input.pending.prefix(Self.magic.count)
    if start.count == Self.magic.count, !start.elementsEqual(Self.magic) {
      guard start[0] & 0xF0 == Self.skippableMagic[0],
        start.dropFirst().elementsEqual(Self.skippableMagic.dropFirst())
      else { throw failure("the zstd stream is damaged, or of a format before version 0.8") }
    }
    // The two highest values mean that no size is stated, or that the header is cut or damaged.
    let size = ZSTD_getFrameContentSize(input.pending.baseAddress, input.pending.count)
    return Frame(statedByteCount: size < UInt64.max - 1 ? size : nil)
  }

  private func end(_ frame: Frame) throws(DataError) {
    self.frame = nil
    guard let stated = frame.statedByteCount, stated != frame.producedByteCount else { return }
    throw failure(
      "the zstd stream is damaged: a frame of \(stated) bytes holds \(frame.producedByteCount)")
  }

  private func failure(_ reason: String) -> DataError {
    .corrupt(path: path, reason: reason)
  }
}
