#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The lines of a byte source, from a buffer that grows only for a longer line.
///
/// LF and CRLF end a line, a byte order mark at the start is skipped, and every line is checked
/// to be UTF-8. All bytes go into `hash` as they are read.
struct LineReader: ~Copyable {
  static let initialCapacity = 1 << 18
  static let maximumLineByteCount = 1 << 26

  private(set) var hash = ContentHash()
  /// The number of the line that `next()` gave last, from 1.
  private(set) var lineNumber = 0

  private var source: any ByteSource
  private var buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var isExhausted = false

  /// Fills the buffer, so that `lookahead` shows as much as it can.
  init(_ source: any ByteSource) throws(DataError) {
    self.source = source
    buffer = .allocate(byteCount: Self.initialCapacity, alignment: 16)
    while !isExhausted && end < buffer.count { try fill() }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if buffer[..<end].starts(with: mark) { start = mark.count }
  }

  deinit { buffer.deallocate() }

  var path: String { source.path }

  /// What the buffer holds of the lines ahead, cut after the last whole line; nothing of it is
  /// used up. The bytes are valid until the next call of `next()`.
  var lookahead: UnsafeRawBufferPointer {
    let ahead = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[start..<end])
    if isExhausted { return ahead }
    let whole = ahead.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? ahead.count
    return UnsafeRawBufferPointer(rebasing: ahead[..<whole])
  }

  /// The next line without its end, valid until the next call; nil after the last one.
  mutating func next() throws(DataError) -> UnsafeRawBufferPointer? {
    var searched = start
    while true {
      if let newline = indexOfNewline(from: searched) {
        return try line(start..<newline, newline + 1)
      }
      if isExhausted { return start < end ? try line(start..<end, end) : nil }
      searched = end - start
      try makeRoom()
      try fill()
    }
  }

  private func indexOfNewline(from position: Int) -> Int? {
    guard position < end, let base = buffer.baseAddress else { return nil }
    guard let found = memchr(base + position, Int32(UInt8(ascii: "\n")), end - position) else {
      return nil
    }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  private mutating func line(
    _ range: Range<Int>, _ next: Int
  ) throws(DataError) -> UnsafeRawBufferPointer {
    lineNumber += 1
    start = next
    var range = range
    if range.upperBound > range.lowerBound && buffer[range.upperBound - 1] == UInt8(ascii: "\r") {
      range = range.lowerBound..<range.upperBound - 1
    }
    let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[range])
    if let fault = UTF8Check.firstFault(in: bytes) {
      throw .malformed(
        path: path, line: lineNumber, column: fault + 1, expected: "UTF-8 text",
        found: "a byte that is not UTF-8")
    }
    return bytes
  }

  /// Moves what is unread to the front, and doubles the buffer if that gives no room.
  private mutating func makeRoom() throws(DataError) {
    let unread = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[start..<end])
    if start > 0 {
      buffer.copyMemory(from: unread)
    } else if end == buffer.count {
      guard buffer.count < Self.maximumLineByteCount else {
        throw .malformed(
          path: path, line: lineNumber + 1, column: 1,
          expected: "a line of at most \(Self.maximumLineByteCount) bytes", found: "a longer one")
      }
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: buffer.count * 2, alignment: 16)
      larger.copyMemory(from: unread)
      buffer.deallocate()
      buffer = larger
    }
    end -= start
    start = 0
  }

  private mutating func fill() throws(DataError) {
    let free = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
    let count = try source.fill(free)
    hash.update(UnsafeRawBufferPointer(rebasing: free[..<count]))
    end += count
    isExhausted = count == 0
  }
}
