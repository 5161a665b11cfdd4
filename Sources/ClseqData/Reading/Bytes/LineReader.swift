import ClseqBase

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The lines, or the records of quoted fields, of a byte source, from a buffer that grows only for
/// a longer record.
///
/// LF and CRLF end a line, a byte order mark at the start is skipped, and every line is checked to
/// be text. All bytes go into `hash` as they are read. After a malformed line the next call continues
/// with the following one.
struct LineReader: ~Copyable {
  /// The bytes of the buffer.
  struct Capacity {
    /// The initial size; at least the three bytes of a byte order mark.
    var initial = 1 << 18
    /// The maximum size, reached by doubling; also the maximum size of a record.
    var maximum = 1 << 26
  }

  private(set) var hash: ContentHash
  /// The number of the line in which the latest record begins, from 1.
  private(set) var lineNumber = 0
  /// Whether bytes from 0x80 on must be UTF-8.
  var requiresUTF8 = true

  private var source: any ByteSource
  private let maximumByteCount: Int
  private var buffer: UnsafeMutableRawBufferPointer
  /// The start of the latest record, and the end of its first line with the line feed.
  private var recordStart = 0
  private var firstLineEnd = 0
  /// The start of the lines ahead, and the end of the bytes read.
  private var start = 0
  private var end = 0
  /// The number of lines before `start`.
  private var passedLineCount = 0
  private var isExhausted = false
  /// Whether the remainder of a line that was too long is still ahead.
  private var isInsideLongLine = false

  /// Fills the buffer, so that `lookahead` has as many bytes as possible.
  ///
  /// - Parameters:
  ///   - hash: The hash of the bytes before these.
  ///   - capacity: The size of the buffer.
  init(
    _ source: any ByteSource, hash: ContentHash = ContentHash(), capacity: Capacity = Capacity()
  ) throws(DataError) {
    self.source = source
    self.hash = hash
    maximumByteCount = capacity.maximum
    buffer = .allocate(byteCount: capacity.initial, alignment: 16)
    while !isExhausted && end < buffer.count { try fill() }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if buffer[..<end].starts(with: mark) { start = mark.count }
  }

  deinit { buffer.deallocate() }

  var path: String { source.path }

  /// The bytes of the buffer up to the last whole line; none of them is
  /// consumed. The bytes are valid until the next call of `next()`.
  var lookahead: UnsafeRawBufferPointer {
    let ahead = bytes(start..<end)
    if isExhausted { return ahead }
    let whole = ahead.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? ahead.count
    return UnsafeRawBufferPointer(rebasing: ahead[..<whole])
  }

  /// Reads until `lookahead` has this many bytes, or all of the source; call it before the first line.
  mutating func lookAhead(byteCount: Int) throws(DataError) {
    while !isExhausted && end - start < byteCount {
      if end == buffer.count {
        guard buffer.count < maximumByteCount else { return }
        try makeRoom()
      }
      try fill()
    }
  }

  /// The next line without its end, valid until the next call; nil after the last one.
  mutating func next() throws(DataError) -> UnsafeRawBufferPointer? {
    if isInsideLongLine { try skipLongLine() }
    recordStart = start
    lineNumber = passedLineCount + 1
    defer { firstLineEnd = start }
    guard let line = try advance() else { return nil }
    return bytes(line)
  }

  /// The next record of fields that may be quoted (RFC 4180): a line, or several where a quoted
  /// field holds the ends of lines. Valid until the next call; nil after the last one.
  mutating func nextRecord(separator: UInt8) throws(DataError) -> UnsafeRawBufferPointer? {
    guard var record = try next() else { return nil }
    guard QuoteScan.hasQuote(record) else { return record }
    var scan = QuoteScan(separator: separator)
    scan.advance(through: record)
    while scan.isOpen {
      guard let line = try advance() else {
        throw malformed(
          at: scan.openOffset, expected: "a closing quote", found: "the end of the file")
      }
      record = bytes(recordStart..<line.upperBound)
      scan.advance(through: record)
    }
    return record
  }

  /// Goes back to the line after the one in which the latest record begins.
  mutating func returnToSecondLine() {
    start = firstLineEnd
    passedLineCount = lineNumber
  }

  /// The error for a place in the latest record, an offset in bytes from its start.
  func malformed(at offset: Int, expected: String, found: String) -> DataError {
    let before = bytes(recordStart..<recordStart + offset)
    let newline = UInt8(ascii: "\n")
    let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
    return .malformed(
      path: path, line: lineNumber + before.count { $0 == newline },
      column: offset - lineStart + 1, expected: expected, found: found)
  }
}

extension LineReader {
  private func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[range])
  }

  /// The place of the next line without its end; nil after the last one.
  private mutating func advance() throws(DataError) -> Range<Int>? {
    var searched = start
    while true {
      if let newline = indexOfNewline(from: searched) {
        return try pass(start..<newline, next: newline + 1)
      }
      if isExhausted { return start < end ? try pass(start..<end, next: end) : nil }
      let aheadCount = end - start
      try makeRoom()
      searched = start + aheadCount
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

  /// Consumes a line and checks that it is text.
  private mutating func pass(_ range: Range<Int>, next: Int) throws(DataError) -> Range<Int> {
    start = next
    passedLineCount += 1
    var line = range
    if !line.isEmpty && buffer[line.upperBound - 1] == UInt8(ascii: "\r") {
      line = line.lowerBound..<line.upperBound - 1
    }
    if let fault = TextCheck.firstFault(in: bytes(line), isUTF8: requiresUTF8) {
      let isNUL = buffer[line.lowerBound + fault] == 0
      throw .malformed(
        path: path, line: passedLineCount, column: fault + 1,
        expected: requiresUTF8 ? "UTF-8 text" : "text",
        found: isNUL ? "a NUL byte" : "a byte that is not UTF-8")
    }
    return line
  }

  /// Moves the bytes in use to the front, and doubles the buffer if that gives no room.
  private mutating func makeRoom() throws(DataError) {
    let used = bytes(recordStart..<end)
    if recordStart > 0 {
      buffer.copyMemory(from: used)
    } else if end == buffer.count {
      guard buffer.count < maximumByteCount else { throw tooLong() }
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: buffer.count * 2, alignment: 16)
      larger.copyMemory(from: used)
      buffer.deallocate()
      buffer = larger
    }
    start -= recordStart
    firstLineEnd -= recordStart
    end -= recordStart
    recordStart = 0
  }

  /// Rejects a record that fills the largest buffer. If it is one line, its remainder is skipped by
  /// the next call.
  private mutating func tooLong() -> DataError {
    if start > recordStart {
      return malformed(
        at: 0, expected: "a record of at most \(maximumByteCount) bytes",
        found: "a quoted field that goes on")
    }
    isInsideLongLine = true
    passedLineCount += 1
    start = end
    return .malformed(
      path: path, line: passedLineCount, column: 1,
      expected: "a line of at most \(maximumByteCount) bytes", found: "a longer one")
  }

  private mutating func skipLongLine() throws(DataError) {
    while isInsideLongLine {
      if let newline = indexOfNewline(from: start) {
        start = newline + 1
        isInsideLongLine = false
      } else {
        start = end
        recordStart = end
        try makeRoom()
        try fill()
        if isExhausted { isInsideLongLine = false }
      }
    }
  }

  private mutating func fill() throws(DataError) {
    let free = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
    let count = try source.fill(free)
    hash.update(UnsafeRawBufferPointer(rebasing: free[..<count]))
    end += count
    isExhausted = count == 0
  }
}
