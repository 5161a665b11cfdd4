import CZlib

/// The text of a gzip stream, of one member or several one after another.
///
/// Source: RFC 1952.
final class GzipByteSource: ByteSource {
  /// The first bytes of every member.
  static let magic: [UInt8] = [0x1F, 0x8B]
  /// The largest window, and sixteen for the header and check sum of gzip.
  private static let windowBits: Int32 = 15 + 16

  private let input: BufferedInput
  private var limit: ExpansionLimit
  /// On the heap: zlib's state points back at it.
  private let stream: UnsafeMutablePointer<z_stream>
  /// Whether a member has begun that has not ended.
  private var isInMember = true

  init(_ input: BufferedInput, limit: ExpansionLimit) throws(DataError) {
    self.input = input
    self.limit = limit
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let code = inflateInit2_(
      stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    if code != Z_OK { throw .corrupt(path: input.path, reason: "zlib failed with \(code)") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  var path: String { input.path }
  var compression: String? { "gzip" }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    while true {
      try input.require(1)
      let pending = input.pending
      if pending.isEmpty {
        if isInMember { throw failure("the gzip stream ends in the middle") }
        return 0
      }
      if !isInMember { try beginMember() }
      let produced = try inflateStep(input.pending, into: buffer)
      if produced > 0 { return produced }
    }
  }

  /// Expects another member where one has ended.
  private func beginMember() throws(DataError) {
    try input.require(Self.magic.count)
    guard input.pending.starts(with: Self.magic) else {
      throw failure("bytes that are not gzip follow the stream")
    }
    inflateReset(stream)
    isInMember = true
  }

  private func inflateStep(
    _ pending: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer
  ) throws(DataError) -> Int {
    // zlib counts in 32 bits; it does not write to its input, whatever its type says.
    let room = min(buffer.count, Int(UInt32.max))
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: pending.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(pending.count)
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(room)
    let code = inflate(stream, Z_NO_FLUSH)
    let consumed = pending.count - Int(stream.pointee.avail_in)
    let produced = room - Int(stream.pointee.avail_out)
    input.consume(consumed)
    try limit.count(consumed: consumed, produced: produced, path: path)
    switch code {
    case Z_OK: break
    case Z_STREAM_END: isInMember = false
    default:
      let text = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
      throw failure("the gzip stream is damaged: \(text)")
    }
    return produced
  }

  private func failure(_ reason: String) -> DataError {
    .corrupt(path: path, reason: reason)
  }
}
