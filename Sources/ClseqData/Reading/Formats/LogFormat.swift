/// The file formats of behaviour logs. The raw value is what `--data-format` takes.
public enum LogFormat: String, CaseIterable, Sendable, Codable {
  /// `user item`, one event a line, a user's events in the order of time.
  case events
  /// `user item item …`, one user a line, items in the order of time.
  case sequences
  /// RecBole's atomic file: TAB, a header of `name:type`, at least columns `user_id:token` and
  /// `item_id:token`, and `timestamp:float` if the order of the file is not that of time.
  case inter
  /// Fields separated by commas, quoted where needed (RFC 4180), with a header of names.
  case csv
  /// Fields separated by TAB, with a header of names. A quote is text.
  case tsv
  /// JSON Lines: a flat object a line.
  case jsonLines = "jsonl"
  /// MovieLens' `ratings.dat`: `user::item::rating::timestamp`, UTF-8 or Latin-1.
  case movieLensDat = "dat"
  /// MovieLens' `u.data`: the same four columns with TAB between them.
  case movieLensTab = "udata"
  /// The rows of a SQLite database, one event a row; see ``SQLiteSelection``.
  case sqlite

  /// What the format asks of a line, for messages.
  public var summary: String {
    switch self {
    case .events: "user item text, one event a line"
    case .sequences: "user item item … text, one user a line"
    case .inter: "RecBole .inter"
    case .csv: "CSV"
    case .tsv: "TSV"
    case .jsonLines: "JSON Lines, an object a line"
    case .movieLensDat: "user::item::rating::timestamp"
    case .movieLensTab: "user, item, rating and timestamp with TAB between them"
    case .sqlite: "a SQLite database"
    }
  }

  /// How the lines of the format become events.
  func parser(_ options: ReadingOptions) -> any LineParser {
    if let dialect = dialect(hasHeader: options.hasHeader) {
      return DelimitedParser(dialect, options)
    }
    switch self {
    case .events: return EventTextParser()
    case .sequences: return SequenceTextParser()
    default: return JSONLineParser(options)
    }
  }

  /// How separated fields are written; nil for formats that have none.
  func dialect(hasHeader: Bool) -> DelimitedDialect? {
    switch self {
    case .inter: .inter
    case .csv: .csv(hasHeader: hasHeader)
    // Rows come as CSV, under the names of their columns.
    case .sqlite: .rows
    case .tsv: .tsv(hasHeader: hasHeader)
    case .movieLensDat: .movieLensDat
    case .movieLensTab: .movieLensTab
    case .events, .sequences, .jsonLines: nil
    }
  }
}
