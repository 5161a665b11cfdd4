/// The kind of a file, from its first bytes.
enum FileSignature: Equatable {
  /// Text, or an unknown kind.
  case plain
  case gzip
  case zstd
  case sqlite
  /// A format that cannot be read, with advice.
  case foreign(name: String, advice: String)

  /// The number of bytes that decide.
  static let byteCount = 16

  init(_ head: UnsafeRawBufferPointer) {
    self = Self.known.first { head.starts(with: $0.magic) }?.signature ?? .plain
  }

  private static let decompress = "decompress it, or use gzip or zstd"
  /// Each signature has binary bytes or is long: a log may begin with a user called PAR1 or BZhang.
  private static let known: [(magic: [UInt8], signature: FileSignature)] =
    [
      (GzipByteSource.magic, .gzip),
      (ZstdByteSource.magic, .zstd),
      (
        Array("PAR1\u{15}".utf8),
        .foreign(name: "a Parquet file", advice: "convert it to CSV, for example with DuckDB")
      ),
      (SQLiteByteSource.magic, .sqlite),
      (Array("PK\u{3}\u{4}".utf8), .foreign(name: "a zip archive", advice: "unpack it")),
      (
        [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00],
        .foreign(name: "compressed with xz", advice: decompress)
      ),
      ([0x04, 0x22, 0x4D, 0x18], .foreign(name: "compressed with lz4", advice: decompress)),
    ]
    + (1...9).map { level in
      (Array("BZh\(level)1AY&SY".utf8), .foreign(name: "compressed with bzip2", advice: decompress))
    }

  /// The text of a source: itself, a decompressor over it, or the rows of a database.
  ///
  /// - Throws: `DataError.unsupported` for a foreign format, and the errors of reading.
  static func text(
    of source: FileByteSource, _ options: ReadingOptions
  ) throws(DataError) -> any ByteSource {
    let input = BufferedInput(source)
    try input.require(byteCount)
    let limit = ExpansionLimit(ratio: options.maximumExpansion)
    switch FileSignature(input.pending) {
    case .plain: return input
    case .gzip: return try BackgroundByteSource(GzipByteSource(input, limit: limit))
    case .zstd: return try BackgroundByteSource(ZstdByteSource(input, limit: limit))
    case .sqlite:
      guard !source.isStandardInput else {
        throw .unsupported(
          path: source.path, reason: "a SQLite database: name its file in place of -")
      }
      return try SQLiteByteSource(path: source.path, selection: options.selection)
    case .foreign(let name, let advice):
      throw .unsupported(path: source.path, reason: "\(name): \(advice)")
    }
  }
}
