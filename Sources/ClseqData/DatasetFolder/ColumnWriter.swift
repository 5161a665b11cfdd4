/// Writes numbers one after another into a file, little-endian, and says what it wrote.
struct ColumnWriter<Element: FixedWidthInteger & BitwiseCopyable>: ~Copyable {
  private var writer: FileWriter
  private var hash = ContentHash()
  private var byteCount = 0
  private var pending: [Element] = []

  init(path: String) throws(DataError) {
    writer = try FileWriter(path: path)
  }

  mutating func append(_ element: Element) throws(DataError) {
    pending.append(element.littleEndian)
    if pending.count == 1 << 14 { try flush() }
  }

  /// Ends the file. Returns its size and hash.
  mutating func finish() throws(DataError) -> DatasetManifest.File {
    try flush()
    try writer.finish()
    return DatasetManifest.File(bytes: byteCount, hash: hash.text)
  }

  private mutating func flush() throws(DataError) {
    let bytes = pending.withUnsafeBytes { Array($0) }
    bytes.withUnsafeBytes { hash.update($0) }
    byteCount += bytes.count
    try writer.append(bytes)
    pending.removeAll(keepingCapacity: true)
  }
}

/// Writes tokens, one a line.
enum TokenFile {
  /// - Throws: `DataError.cannotWrite` for a token that holds a line feed, or when a call fails.
  static func write(
    _ tokens: TokenTable, order: some Sequence<Int32>, to path: String
  ) throws(DataError) -> DatasetManifest.File {
    var writer = try FileWriter(path: path)
    var hash = ContentHash()
    var byteCount = 0
    for index in order {
      var line = Array(tokens.utf8(at: Int(index)))
      guard !line.contains(UInt8(ascii: "\n")) else {
        throw .cannotWrite(path: path, reason: "the id \"\(tokens[Int(index)])\" holds a line feed")
      }
      line.append(UInt8(ascii: "\n"))
      line.withUnsafeBytes { hash.update($0) }
      byteCount += line.count
      try writer.append(line)
    }
    try writer.finish()
    return DatasetManifest.File(bytes: byteCount, hash: hash.text)
  }
}
