import ClseqBase

/// Room for the fields of one record, used again for every record.
final class FieldBuffer {
  let fields: UnsafeMutablePointer<Field>
  let capacity: Int
  /// The texts of fields that are not in the record as they are.
  let texts = TextBuffer()

  /// Room for so many fields.
  init(capacity: Int) {
    self.capacity = max(1, capacity)
    fields = .allocate(capacity: self.capacity)
  }

  deinit { fields.deallocate() }

  /// Rewrites those fields that are not UTF-8, taking each of their bytes for a character. Whether there
  /// were any.
  func transcodeLatin1(recordByteCount count: Int) -> Bool {
    var isRewritten = false
    // A byte of Latin-1 takes one or two of UTF-8.
    texts.begin(byteCount: 2 * count)
    for index in 0..<capacity where TextCheck.firstFault(in: fields[index].bytes) != nil {
      let mark = texts.mark
      for byte in fields[index].bytes {
        if byte < 0x80 {
          texts.append(byte)
        } else {
          texts.append(0xC0 | byte >> 6)
          texts.append(0x80 | byte & 0x3F)
        }
      }
      fields[index] = Field(offset: fields[index].offset, bytes: texts.text(since: mark))
      isRewritten = true
    }
    return isRewritten
  }
}
