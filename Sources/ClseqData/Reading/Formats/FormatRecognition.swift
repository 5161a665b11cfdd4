/// Tells the format of a log from its name and its first lines (256 KiB at most).
///
/// 1. A name that ends in `.inter`, `.user`, `.item`, `.csv`, `.tsv`, `.jsonl` or `.ndjson`, before
///    `.gz` and `.zst`, decides; and so does the name `u.data`.
/// 2. A first line of TAB-separated `name:type` is RecBole's; one that begins with a brace is of
///    JSON Lines; one of three or more fields between `::` is MovieLens'.
/// 3. A first line in which a user and an item are found, by common names or those of the mapping,
///    is a header: of TSV if there is a TAB in it, else of CSV.
/// 4. Otherwise the file is text: if a user begins two of the first lines, or all have at most two
///    fields, a line is an event; if not, a line is a user's whole sequence.
///
/// So a stray third field in a file of events is an error of that line, not a change of format.
struct FormatRecognition {
  let path: String
  let lookahead: UnsafeRawBufferPointer
  let columns: ColumnMapping

  var format: LogFormat {
    formatOfName ?? formatOfFirstLine ?? formatOfText
  }

  /// The format of a table that has a header, or names in its objects: one of RecBole's, CSV, TSV
  /// and JSON Lines.
  var formatOfTable: LogFormat {
    if let formatOfName, formatOfName != .movieLensTab { return formatOfName }
    guard let line = lines.first(where: { !$0.isEmpty }) else { return .csv }
    return Self.markedFormat(line) ?? Self.separatedFormat(line)
  }

  private var formatOfName: LogFormat? {
    var name = String(path.split(separator: "/").last ?? "")
    for compression in [".gz", ".gzip", ".zst", ".zstd"] where name.hasSuffix(compression) {
      name.removeLast(compression.count)
    }
    if name == "u.data" { return .movieLensTab }
    let endings: [(String, LogFormat)] = [
      (".inter", .inter), (".user", .inter), (".item", .inter), (".csv", .csv), (".tsv", .tsv),
      (".jsonl", .jsonLines), (".ndjson", .jsonLines),
    ]
    return endings.first { name.hasSuffix($0.0) }?.1
  }

  private var formatOfFirstLine: LogFormat? {
    guard let line = lines.first(where: { !$0.isEmpty }) else { return nil }
    if let format = Self.markedFormat(line) { return format }
    if fieldCount(line, .movieLensDat) >= 3 { return .movieLensDat }
    let format = Self.separatedFormat(line)
    return isHeader(line, format) ? format : nil
  }

  /// The format that a first line tells by itself.
  private static func markedFormat(_ line: UnsafeRawBufferPointer) -> LogFormat? {
    if DelimitedHeader.isTyped(line) { return .inter }
    let first = line.first { $0 != UInt8(ascii: " ") }
    return first == UInt8(ascii: "{") ? .jsonLines : nil
  }

  private static func separatedFormat(_ line: UnsafeRawBufferPointer) -> LogFormat {
    line.contains(UInt8(ascii: "\t")) ? .tsv : .csv
  }

  private var formatOfText: LogFormat {
    var seenUsers = TokenTable()
    var longest = 0
    for line in lines {
      var fields = FieldScanner(line)
      guard let user = fields.next() else { continue }
      let userCount = seenUsers.count
      if Int(seenUsers.intern(user.bytes)) < userCount { return .events }
      longest = max(longest, 1 + fields.remainingCount())
    }
    return longest <= 2 ? .events : .sequences
  }

  private var lines: some Sequence<UnsafeRawBufferPointer> {
    lookahead.split(separator: UInt8(ascii: "\n")).lazy.map { line in
      let end = line.last == UInt8(ascii: "\r") ? line.endIndex - 1 : line.endIndex
      return UnsafeRawBufferPointer(rebasing: line[..<end])
    }
  }

  private func isHeader(_ line: UnsafeRawBufferPointer, _ format: LogFormat) -> Bool {
    guard let dialect = format.dialect(hasHeader: true) else { return false }
    return (try? DelimitedHeader(line, dialect).plan(columns)) != nil
  }

  private func fieldCount(_ line: UnsafeRawBufferPointer, _ format: LogFormat) -> Int {
    let splitter = format.dialect(hasHeader: true)?.splitter
    return (try? splitter?.split(line, into: FieldBuffer(capacity: 1)).count) ?? 0
  }
}
