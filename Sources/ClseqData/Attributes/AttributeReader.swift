import ClseqBase

/// Reads a table of attributes: a file, or a folder of shards, of CSV, TSV, JSON Lines or RecBole's
/// atomic format, perhaps compressed. The whole table is held in memory.
struct AttributeReader: ~Copyable {
  private let options: ReadingOptions
  private let format: LogFormat
  /// The separator of records with quoted fields; nil if each line is a record.
  private let quotedSeparator: UInt8?
  private var parser: any AttributeParser
  private var rows: AttributeRows
  private var faultCount = 0
  private var firstFault: DataError?
  private var hash = ContentHash()

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - path: A path as for a log; see ``InteractionStream``.
  ///   - owner: The subjects of its rows.
  ///   - kinds: The kinds of attributes by name; they override the file.
  ///   - options: The name of the key column, and the tolerated faults.
  /// - Throws: `DataError`: the errors of opening and reading a log.
  static func read(
    _ path: String, of owner: AttributeOwner, kinds: [String: AttributeKind],
    _ options: ReadingOptions
  ) throws(DataError) -> KeyedAttributes {
    let shards = try ShardList(path: path).paths
    var lines = try Self.lines(of: shards[0], options)
    var reader = AttributeReader(lines, AttributeRows(of: owner, kinds: kinds), options)
    try reader.read(&lines)
    for shard in shards.dropFirst() {
      var next = try Self.lines(of: shard, options, after: lines.hash)
      try reader.read(&next)
      lines = next
    }
    let name = shards.count == 1 ? lines.path : path
    try options.tolerated.check(
      reader.faultCount, of: reader.faultCount + reader.rows.keys.count, first: reader.firstFault,
      path: name)
    return KeyedAttributes(
      keys: reader.rows.keys,
      table: AttributeTable(
        attributes: reader.rows.attributes, rowCount: reader.rows.keys.count,
        source: AttributeSource(
          name: name.split(separator: "/").last.map(String.init) ?? name, hash: lines.hash.text,
          rowCount: reader.rows.keys.count, skippedRowCount: reader.faultCount)))
  }

  private init(_ lines: borrowing LineReader, _ rows: AttributeRows, _ options: ReadingOptions) {
    self.options = options
    self.rows = rows
    format =
      FormatRecognition(path: lines.path, lookahead: lines.lookahead, columns: options.columns)
      .formatOfTable
    let dialect = format.dialect(true)
    quotedSeparator = dialect?.quotedSeparator
    parser =
      dialect.map { DelimitedAttributeParser($0, columns: options.columns) }
      ?? JSONAttributeParser(columns: options.columns)
  }

  private static func lines(
    of path: String, _ options: ReadingOptions, after hash: ContentHash = ContentHash()
  ) throws(DataError) -> LineReader {
    // The selection of a table of a database is meant for the log.
    var options = options
    options.selection = nil
    return try LineReader(
      FileSignature.text(of: FileByteSource(path: path), options), hash: hash)
  }

  /// Reads one file to its end.
  private mutating func read(_ lines: inout LineReader) throws(DataError) {
    parser.beginFile()
    let rowCount = rows.keys.count
    var blankLine: Int?
    while let line = try nextLine(&lines) {
      // Blank lines at the end are harmless; one in the middle may be a cut record.
      if line.isEmpty {
        blankLine = blankLine ?? lines.lineNumber
        continue
      }
      if let blank = blankLine {
        blankLine = nil
        try tolerate(
          .malformed(
            path: lines.path, line: blank, column: 1, expected: "a row for \(owner)",
            found: "a blank line"))
      }
      do throws(LineFault) {
        try parser.parse(line, into: &rows)
      } catch {
        rows.dropRow()
        try tolerate(
          lines.malformed(at: error.offset, expected: error.expected, found: error.found))
        lines.returnToSecondLine()
      }
    }
    guard rows.keys.count > rowCount else {
      throw .malformed(
        path: lines.path, line: lines.lineNumber, column: 1, expected: "a row for \(owner)",
        found: "the end of the file")
    }
  }

  private mutating func nextLine(
    _ lines: inout LineReader
  ) throws(DataError) -> UnsafeRawBufferPointer? {
    while true {
      do throws(DataError) {
        if let quotedSeparator { return try lines.nextRecord(separator: quotedSeparator) }
        return try lines.next()
      } catch {
        try tolerate(error)
        lines.returnToSecondLine()
      }
    }
  }

  private var owner: String { rows.owner == .user ? "a user" : "an item" }

  /// Skips a malformed row if the options allow another one.
  private mutating func tolerate(_ error: DataError) throws(DataError) {
    guard case .malformed = error, !parser.expectsHeader,
      options.tolerated.allows(after: faultCount)
    else { throw error }
    faultCount += 1
    firstFault = firstFault ?? error
  }
}
