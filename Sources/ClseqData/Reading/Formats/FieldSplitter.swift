import ClseqBase

/// Splits a record at its separators. Blanks around a field that is not in quotes are no part of it.
struct FieldSplitter {
  /// What stands between fields.
  enum Separator: Equatable {
    case byte(UInt8)
    /// `::`
    case doubleColon
  }

  /// What splitting found; the fields themselves are in the buffer.
  struct Outcome {
    var count: Int
    /// Where the first field begins for which there was no room.
    var extraOffset: Int?
    /// Whether a field may have been in quotes, and hold what stands nowhere else.
    var hasQuotes = false
  }

  static let maximumFieldByteCount = 1 << 20
  private static let quote = UInt8(ascii: "\"")

  let separator: Separator
  /// Whether a field that begins with a quote ends with one, by RFC 4180.
  let isQuoted: Bool

  /// Splits a record; fields beyond the buffer's capacity are only counted.
  func split(
    _ record: UnsafeRawBufferPointer, into buffer: FieldBuffer
  ) throws(LineFault) -> Outcome {
    guard let base = record.baseAddress else { return Outcome(count: 0) }
    var sink = FieldSink(base: base, buffer: buffer)
    var hasQuotes = false
    switch separator {
    case .doubleColon: Self.splitAtDoubleColons(record, &sink)
    case .byte(let separator):
      hasQuotes = isQuoted && QuoteScan.hasQuote(record)
      if hasQuotes {
        buffer.texts.begin(byteCount: record.count)
        try Self.splitQuoted(record, separator, buffer, &sink)
      } else {
        Self.splitPlain(record, separator, &sink)
      }
    }
    if record.count > Self.maximumFieldByteCount { try sink.checkLengths() }
    return Outcome(count: sink.count, extraOffset: sink.extraOffset, hasQuotes: hasQuotes)
  }

  /// The number of a record's fields; 0 for one that is malformed.
  func fieldCount(of record: UnsafeRawBufferPointer) -> Int {
    (try? split(record, into: FieldBuffer(capacity: 1)).count) ?? 0
  }

  /// Looks at eight bytes at a time.
  private static func splitPlain(
    _ record: UnsafeRawBufferPointer, _ separator: UInt8, _ sink: inout FieldSink
  ) {
    let lows: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    let pattern = UInt64(separator) &* 0x0101_0101_0101_0101
    var position = 0
    var start = 0
    while position + 8 <= record.count {
      let word = record.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      // A byte of `difference` is zero where the separator is; there, and only there, its high
      // bit is set in `hits`.
      let difference = UInt64(littleEndian: word) ^ pattern
      var hits = ~(((difference & lows) &+ lows) | difference | lows)
      while hits != 0 {
        let end = position &+ hits.trailingZeroBitCount &>> 3
        sink.append(start, end)
        start = end &+ 1
        hits &= hits &- 1
      }
      position &+= 8
    }
    while position < record.count {
      if record[position] == separator {
        sink.append(start, position)
        start = position &+ 1
      }
      position &+= 1
    }
    sink.append(start, record.count)
  }

  private static func splitAtDoubleColons(
    _ record: UnsafeRawBufferPointer, _ sink: inout FieldSink
  ) {
    let colon = UInt8(ascii: ":")
    var start = 0
    var position = 0
    while position + 1 < record.count {
      if record[position] == colon && record[position + 1] == colon {
        sink.append(start, position)
        start = position + 2
        position = start
      } else {
        position += 1
      }
    }
    sink.append(start, record.count)
  }

  private static func splitQuoted(
    _ record: UnsafeRawBufferPointer, _ separator: UInt8, _ buffer: FieldBuffer,
    _ sink: inout FieldSink
  ) throws(LineFault) {
    var start = 0
    while true {
      var position = start
      if position < record.count && record[position] == quote {
        position = try quotedField(record, from: start, buffer, &sink)
        guard position == record.count || record[position] == separator else {
          throw LineFault(
            offset: position, expected: "a separator after the closing quote",
            found: "more text")
        }
      } else {
        while position < record.count && record[position] != separator {
          if record[position] == quote {
            throw LineFault(
              offset: position, expected: "a field without quotes, or all in quotes",
              found: "a quote inside")
          }
          position += 1
        }
        sink.append(start, position)
      }
      if position == record.count { return }
      start = position + 1
    }
  }

  /// Takes a field from its opening quote on; gives the place after the closing one.
  private static func quotedField(
    _ record: UnsafeRawBufferPointer, from start: Int, _ buffer: FieldBuffer,
    _ sink: inout FieldSink
  ) throws(LineFault) -> Int {
    let mark = buffer.texts.mark
    var isPlain = true
    var position = start + 1
    while position < record.count {
      let byte = record[position]
      if byte == quote {
        let isDoubled = position + 1 < record.count && record[position + 1] == quote
        if !isDoubled {
          let text =
            isPlain
            ? UnsafeRawBufferPointer(rebasing: record[start + 1..<position])
            : buffer.texts.text(since: mark)
          sink.append(Field(offset: start, bytes: text), at: start)
          return position + 1
        }
        position += 1
        isPlain = false
      }
      buffer.texts.append(byte)
      position += 1
    }
    throw LineFault(
      offset: start, expected: "a closing quote", found: "the end of the record")
  }
}

/// Where the fields of a record go.
private struct FieldSink {
  let base: UnsafeRawPointer
  private let fields: UnsafeMutablePointer<Field>
  private let capacity: Int
  private(set) var count = 0
  private(set) var extraOffset: Int?

  init(base: UnsafeRawPointer, buffer: FieldBuffer) {
    self.base = base
    fields = buffer.fields
    capacity = buffer.capacity
  }

  /// Appends the bytes between two offsets, without the blanks around them.
  mutating func append(_ start: Int, _ end: Int) {
    var (first, last) = (start, end)
    if first < last {
      let bytes = base.assumingMemoryBound(to: UInt8.self)
      while first < last && bytes[first] == UInt8(ascii: " ") { first &+= 1 }
      while first < last && bytes[last &- 1] == UInt8(ascii: " ") { last &-= 1 }
    }
    append(
      Field(
        offset: first, bytes: UnsafeRawBufferPointer(start: base + first, count: last &- first)),
      at: start)
  }

  mutating func append(_ field: Field, at start: Int) {
    if count < capacity {
      (fields + count).initialize(to: field)
    } else if count == capacity {
      extraOffset = start
    }
    count += 1
  }

  func checkLengths() throws(LineFault) {
    for index in 0..<min(count, capacity)
    where fields[index].bytes.count > FieldSplitter.maximumFieldByteCount {
      throw LineFault(
        offset: fields[index].offset,
        expected: "a field of at most \(FieldSplitter.maximumFieldByteCount) bytes",
        found: "one of \(fields[index].bytes.count)")
    }
  }
}
