import ClseqBase

/// Recognises the format of a log from its name and its first lines (256 KiB at most).
///
/// 1. A name that ends in `.inter`, `.user`, `.item`, `.csv`, `.tsv`, `.jsonl` or `.ndjson`, before
///    `.gz` and `.zst`, decides; and so does the name `u.data`.
/// 2. A first line of TAB-separated `name:type` is RecBole's; one that begins with a brace is of
///    JSON Lines; one of three or more fields between `::` is MovieLens'.
/// 3. A first line in which a user and an item are found, by common names or those of the mapping,
///    is a header: of TSV if there is a TAB in it, else of CSV.
/// 4. Otherwise the file is text: if a user begins two of the first lines, or all have at most two
///    fields, a line is an event; if not, a line is a user's whole sequence. Text that looks like
///    something else is refused: see ``doubt(of:)``.
///
/// So a stray third field in a file of events is an error of that line, not a change of format.
struct FormatRecognition {
  let path: String
  let lookahead: UnsafeRawBufferPointer
  let columns: ColumnMapping

  /// The format.
  ///
  /// - Throws: `DataError.unrecognized` where none fits clearly.
  func format() throws(DataError) -> LogFormat {
    if let sure = formatOfName ?? formatOfFirstLine { return sure }
    let text = formatOfText
    if let doubt = doubt(of: text), let line = lines.first(where: { !$0.isEmpty }) {
      let isCut = line.count > 60
      throw .unrecognized(
        path: path,
        line: String(decoding: line.prefix(60), as: UTF8.self) + (isCut ? "…" : ""), reason: doubt)
    }
    return text
  }

  /// The format of a table that has a header, or names in its objects: one of RecBole's, CSV, TSV
  /// and JSON Lines.
  var formatOfTable: LogFormat {
    if let formatOfName, formatOfName != .movieLensTab { return formatOfName }
    guard let line = lines.first(where: { !$0.isEmpty }) else { return .csv }
    let marked: [LogFormat] = [.inter, .jsonLines]
    return marked.first { $0.isShownBy(line) } ?? Self.separatedFormat(line)
  }

  private var formatOfName: LogFormat? {
    var name = String(path.split(separator: "/").last ?? "")
    for compression in [".gz", ".gzip", ".zst", ".zstd"] where name.hasSuffix(compression) {
      name.removeLast(compression.count)
    }
    return LogFormat.allCases.first { format in
      format.fileNames.contains(name) || format.endings.contains(where: name.hasSuffix)
    }
  }

  private var formatOfFirstLine: LogFormat? {
    guard let line = lines.first(where: { !$0.isEmpty }) else { return nil }
    if let format = LogFormat.allCases.first(where: { $0.isShownBy(line) }) { return format }
    let format = Self.separatedFormat(line)
    return isHeader(line, format) ? format : nil
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

  /// Why the first lines are not likely text of users and items; nil where they are.
  private func doubt(of format: LogFormat) -> String? {
    let sample = lines.lazy.filter { !$0.isEmpty }.prefix(100)
    // Other faults are reported when the line is read.
    guard let first = sample.first(where: { _ in true }), TextCheck.firstFault(in: first) == nil
    else {
      return nil
    }
    if first.first(where: { $0 != UInt8(ascii: " ") }) == UInt8(ascii: "[") {
      return "it begins a JSON array, and JSON Lines has an object a line (jq -c '.[]' writes that)"
    }
    for (byte, name) in Self.foreignBytes where sample.contains(where: { $0.contains(byte) }) {
      return "there are \(name) in it, and no header with names of users and items is before them"
    }
    let records = sample.map { line in
      var fields = FieldScanner(line)
      var record: [UnsafeRawBufferPointer] = []
      while record.count < 5, let field = fields.next() { record.append(field.bytes) }
      return record
    }
    let counts = Set(records.map(\.count))
    guard counts.allSatisfy({ $0 == 3 || $0 == 4 }), counts.count == 1 || format == .events else {
      return nil
    }
    if format == .events {
      return "its lines have more than a user and an item, and users have several lines"
    }
    guard records.count > 1, records.allSatisfy({ Self.isLikelyTime($0[$0.count - 1]) }) else {
      return nil
    }
    return "each line ends with what looks like a time, as user item time do, and text has none"
  }

  /// What parts fields elsewhere, and stands in no id of plain text.
  private static let foreignBytes: [(UInt8, String)] = [
    (UInt8(ascii: ","), "commas"), (UInt8(ascii: ";"), "semicolons"), (UInt8(ascii: "|"), "bars"),
    (UInt8(ascii: "\""), "quotes"), (UInt8(ascii: "{"), "braces"),
  ]

  /// Whether a field is a day of 1990 to 2100, or seconds or milliseconds since 1970 from 2001 on.
  private static func isLikelyTime(_ field: UnsafeRawBufferPointer) -> Bool {
    if field.count >= 10, ISO8601.parse(field) != nil { return true }
    guard let number = DecimalNumber.parse(field) else { return false }
    return 1e9..<5e9 ~= number || 1e12..<5e12 ~= number
  }

  private var lines: some Sequence<UnsafeRawBufferPointer> {
    lookahead.split(separator: UInt8(ascii: "\n")).lazy.map { line in
      let end = line.last == UInt8(ascii: "\r") ? line.endIndex - 1 : line.endIndex
      return UnsafeRawBufferPointer(rebasing: line[..<end])
    }
  }

  private func isHeader(_ line: UnsafeRawBufferPointer, _ format: LogFormat) -> Bool {
    guard let dialect = format.dialect(true) else { return false }
    return (try? DelimitedHeader(line, dialect).plan(columns)) != nil
  }
}
