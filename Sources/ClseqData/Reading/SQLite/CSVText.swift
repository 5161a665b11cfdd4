/// A queue of CSV text (RFC 4180): written at its end, read from its start.
///
/// Memory is bounded by the bytes written between two reads.
struct CSVText: ~Copyable {
  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")

  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
  private var start = 0
  private var end = 0
  private var isAtRecordStart = true

  deinit { buffer.deallocate() }

  /// The number of bytes that can be read.
  var count: Int { end - start }

  /// Ends the record.
  mutating func endRecord() {
    makeRoom(1)
    write(Self.newline)
    isAtRecordStart = true
  }

  /// Appends an empty field.
  mutating func appendEmptyField() {
    beginField(byteCount: 0)
  }

  /// Appends a field, in quotes if necessary.
  mutating func append(_ field: UnsafeRawBufferPointer) {
    beginField(byteCount: 2 * field.count + 2)
    let plainEnd = end
    var needsQuotes = false
    for byte in field {
      needsQuotes =
        needsQuotes || byte == Self.comma || byte == Self.quote || byte == Self.newline
        || byte == UInt8(ascii: "\r")
      write(byte)
    }
    if needsQuotes {
      end = plainEnd
      appendQuoted(field)
    }
  }

  /// Appends a field of text.
  mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Appends a whole number.
  mutating func append(_ value: Int64) {
    let longest = 20
    beginField(byteCount: longest)
    if value < 0 { write(UInt8(ascii: "-")) }
    var rest = value.magnitude
    var first = longest
    withUnsafeTemporaryAllocation(byteCount: longest, alignment: 1) { digits in
      repeat {
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        first -= 1
        digits[first] = UInt8(ascii: "0") + UInt8(digit)
        rest = quotient
      } while rest > 0
      for index in first..<longest { write(digits[index]) }
    }
  }

  /// Moves as many bytes as fit to a buffer; returns their number.
  mutating func take(into target: UnsafeMutableRawBufferPointer) -> Int {
    let taken = min(count, target.count)
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<start + taken]))
    start += taken
    if start == end { (start, end) = (0, 0) }
    return taken
  }
}

extension CSVText {
  private mutating func write(_ byte: UInt8) {
    buffer[end] = byte
    end += 1
  }

  private mutating func appendQuoted(_ field: UnsafeRawBufferPointer) {
    write(Self.quote)
    for byte in field {
      if byte == Self.quote { write(byte) }
      write(byte)
    }
    write(Self.quote)
  }

  private mutating func beginField(byteCount: Int) {
    makeRoom(byteCount + 1)
    if !isAtRecordStart { write(Self.comma) }
    isAtRecordStart = false
  }

  private mutating func makeRoom(_ byteCount: Int) {
    if buffer.count - end >= byteCount { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(2 * buffer.count, count + byteCount), alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
    (start, end) = (0, count)
    buffer.deallocate()
    buffer = larger
  }
}
