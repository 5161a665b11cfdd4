/// How a log is read.
public struct ReadingOptions: Sendable, Equatable {
  /// The format; nil to recognise it (see ``LogFormat``).
  public var format: LogFormat?
  /// Which column is what, for formats that have columns.
  public var columns: ColumnMapping
  /// How times are written.
  public var times: TimeFormat
  /// The times of the events that are read; others are left out and counted. Nil for all.
  public var timesBetween: TimeRange?
  /// Whether the first line of CSV and TSV names the columns. If not, their names are their
  /// numbers, from 1.
  public var hasHeader: Bool
  /// How many malformed records are passed over before one is an error. Faults of a header, of
  /// compression and of reading are always errors.
  public var tolerated: FaultTolerance
  /// What becomes of records that lack the user, the item, the time, the end time or a feature.
  public var missing: MissingValues
  /// The most bytes that one compressed byte may give, at least 1; it counts once more than
  /// 64 MiB have come out of a file.
  public var maximumExpansion: Int
  /// Which rows of a SQLite database are read, and then the log must be one; nil for those of its
  /// only table.
  public var selection: SQLiteSelection?

  /// - Parameters:
  ///   - format: The format; nil to recognise it.
  ///   - columns: Which column is what.
  ///   - times: How times are written.
  ///   - timesBetween: The times of the events that are read.
  ///   - hasHeader: Whether the first line of CSV and TSV names the columns.
  ///   - tolerated: How many malformed records are passed over.
  ///   - missing: What becomes of records that lack a value.
  ///   - maximumExpansion: The most bytes that one compressed byte may give.
  ///   - selection: Which rows of a SQLite database are read.
  public init(
    format: LogFormat? = nil, columns: ColumnMapping = ColumnMapping(),
    times: TimeFormat = .automatic, timesBetween: TimeRange? = nil, hasHeader: Bool = true,
    tolerated: FaultTolerance = .none,
    missing: MissingValues = .error, maximumExpansion: Int = 256,
    selection: SQLiteSelection? = nil
  ) {
    precondition(maximumExpansion >= 1, "maximumExpansion \(maximumExpansion) is not positive")
    self.format = format
    self.columns = columns
    self.times = times
    self.timesBetween = timesBetween
    self.hasHeader = hasHeader
    self.tolerated = tolerated
    self.missing = missing
    self.maximumExpansion = maximumExpansion
    self.selection = selection
  }
}
