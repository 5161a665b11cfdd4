/// Room for the fields of one record, and for the text of those that are written with escapes.
/// It is used again for every record.
final class FieldBuffer {
  let fields: UnsafeMutablePointer<Field>
  let capacity: Int
  private var scratch: UnsafeMutableRawBufferPointer
  private var scratchCount = 0

  /// Room for so many fields.
  init(capacity: Int) {
    self.capacity = max(1, capacity)
    fields = .allocate(capacity: self.capacity)
    scratch = .allocate(byteCount: 1 << 12, alignment: 1)
  }

  deinit {
    fields.deallocate()
    scratch.deallocate()
  }

  /// Makes ready for a record of so many bytes, whose text without escapes is no longer than that.
  func begin(recordByteCount count: Int) {
    scratchCount = 0
    guard scratch.count < count else { return }
    scratch.deallocate()
    scratch = .allocate(byteCount: count, alignment: 1)
  }

  /// Appends a byte to the text under way.
  func append(_ byte: UInt8) {
    scratch[scratchCount] = byte
    scratchCount += 1
  }

  /// Where the next text will begin.
  var mark: Int { scratchCount }

  /// The text since a mark, valid until the next record.
  func text(since mark: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(scratch)[mark..<scratchCount])
  }

  /// Rewrites those fields that are not UTF-8, taking each of their bytes for a character. Whether there
  /// were any.
  func transcodeLatin1(recordByteCount count: Int) -> Bool {
    var isRewritten = false
    // A byte of Latin-1 takes one or two of UTF-8.
    begin(recordByteCount: 2 * count)
    for index in 0..<capacity where TextCheck.firstFault(in: fields[index].bytes) != nil {
      let mark = scratchCount
      for byte in fields[index].bytes {
        if byte < 0x80 {
          append(byte)
        } else {
          append(0xC0 | byte >> 6)
          append(0x80 | byte & 0x3F)
        }
      }
      fields[index] = Field(offset: fields[index].offset, bytes: text(since: mark))
      isRewritten = true
    }
    return isRewritten
  }
}
