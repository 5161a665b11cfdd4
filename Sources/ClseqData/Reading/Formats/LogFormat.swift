/// A file format of behaviour logs. The raw value is what `--data-format` takes.
///
/// A format is a constant of this type, and ``allCases`` has a line for it.
public struct LogFormat: RawRepresentable, CaseIterable, Codable, Hashable, Sendable {
  /// All formats, in the order of the help.
  public static let allCases: [LogFormat] = [
    .events,
    .sequences,
    .inter,
    .csv,
    .tsv,
    .jsonLines,
    .movieLensDat,
    .movieLensTab,
    .sqlite,
  ]

  /// The name on the command line.
  public let rawValue: String
  /// The name in reports, such as "JSON Lines".
  public let title: String
  /// The form of a line, for messages.
  public let summary: String
  /// How the name of a file ends that has this format, before `.gz` and `.zst`.
  let endings: [String]
  /// Names of files that have this format.
  let fileNames: [String]
  /// Bytes of the first file that the parser looks at before it reads the first line.
  let lookaheadByteCount: Int
  /// Whether a first line shows the format.
  let isShownBy: @Sendable (_ firstLine: UnsafeRawBufferPointer) -> Bool
  /// How separated fields are written; nil for formats that have none.
  let dialect: @Sendable (_ hasHeader: Bool) -> DelimitedDialect?
  private let makeParser: @Sendable (ReadingOptions) -> any LineParser

  /// A format whose lines a parser reads.
  init(
    _ name: String, title: String, summary: String? = nil, endings: [String] = [],
    lookaheadByteCount: Int = 0,
    isShownBy: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool = { _ in false },
    parser: @escaping @Sendable (ReadingOptions) -> any LineParser
  ) {
    (rawValue, self.title, self.summary) = (name, title, summary ?? title)
    (self.endings, fileNames, self.isShownBy) = (endings, [], isShownBy)
    self.lookaheadByteCount = lookaheadByteCount
    dialect = { _ in nil }
    makeParser = parser
  }

  /// A format of separated fields.
  init(
    _ name: String, title: String, summary: String? = nil, endings: [String] = [],
    fileNames: [String] = [],
    isShownBy: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool = { _ in false },
    dialect: @escaping @Sendable (_ hasHeader: Bool) -> DelimitedDialect
  ) {
    (rawValue, self.title, self.summary) = (name, title, summary ?? title)
    (self.endings, self.fileNames, self.isShownBy) = (endings, fileNames, isShownBy)
    lookaheadByteCount = 0
    self.dialect = { dialect($0) }
    makeParser = { DelimitedParser(dialect($0.hasHeader), $0) }
  }

  /// The format of a name; nil for an unknown one.
  public init?(rawValue: String) {
    guard let format = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = format
  }

  /// How the lines of the format become events.
  func parser(_ options: ReadingOptions) -> any LineParser { makeParser(options) }

  /// Whether two formats have one name.
  public static func == (left: LogFormat, right: LogFormat) -> Bool {
    left.rawValue == right.rawValue
  }

  /// Adds the name to a hash.
  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

extension LogFormat {
  /// `user item`, one event per line, a user's events in the order of time.
  public static let events = LogFormat(
    "events", title: "user item text", summary: "user item text, one event per line"
  ) { _ in EventTextParser() }

  /// `user item item …`, one user per line, items in the order of time.
  public static let sequences = LogFormat(
    "sequences", title: "user item item … text",
    summary: "user item item … text, one user per line"
  ) { _ in SequenceTextParser() }

  /// RecBole's atomic file: TAB, a header of `name:type`, at least columns `user_id:token` and
  /// `item_id:token`, and `timestamp:float` if the order of the file is not that of time.
  public static let inter = LogFormat(
    "inter", title: "RecBole .inter", endings: [".inter", ".user", ".item"],
    isShownBy: DelimitedHeader.isTyped
  ) { _ in .inter }

  /// Fields separated by commas, quoted where needed (RFC 4180), with a header of names.
  public static let csv = LogFormat("csv", title: "CSV", endings: [".csv"]) { .csv(hasHeader: $0) }

  /// Fields separated by TAB, with a header of names. A quote is text.
  public static let tsv = LogFormat("tsv", title: "TSV", endings: [".tsv"]) { .tsv(hasHeader: $0) }

  /// JSON Lines: a flat object per line.
  public static let jsonLines = LogFormat(
    "jsonl", title: "JSON Lines", summary: "JSON Lines, an object per line",
    endings: [".jsonl", ".ndjson"], lookaheadByteCount: JSONLineParser.lookaheadByteCount,
    isShownBy: { line in line.first { $0 != UInt8(ascii: " ") } == UInt8(ascii: "{") }
  ) { JSONLineParser($0) }

  /// MovieLens' `ratings.dat`: `user::item::rating::timestamp`, UTF-8 or Latin-1.
  public static let movieLensDat = LogFormat(
    "dat", title: "MovieLens .dat", summary: "user::item::rating::timestamp",
    isShownBy: { DelimitedDialect.movieLensDat.splitter.fieldCount(of: $0) >= 3 }
  ) { _ in .movieLensDat }

  /// MovieLens' `u.data`: the same four columns with TAB between them.
  public static let movieLensTab = LogFormat(
    "udata", title: "MovieLens u.data",
    summary: "user, item, rating and timestamp with TAB between them", fileNames: ["u.data"]
  ) { _ in .movieLensTab }

  /// The rows of a SQLite database, one event per row; see ``SQLiteSelection``. They come as CSV, under
  /// the names of their columns.
  public static let sqlite = LogFormat(
    "sqlite", title: "SQLite", summary: "a SQLite database"
  ) { _ in .rows }
}
