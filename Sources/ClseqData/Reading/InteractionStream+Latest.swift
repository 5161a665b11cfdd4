public import ClseqBase

/// What the stream has met so far, and what it knows of its latest event.
extension InteractionStream {
  /// All tokens met so far.
  var tokens: LogTokens { log.tokens }

  /// The user tokens met so far; like the others a few hundred events ahead.
  public var users: TokenTable { log.users }

  /// The item tokens met so far.
  public var items: TokenTable { log.items }

  /// The event types met so far.
  public var eventTypes: TokenTable { log.eventTypes }

  /// The columns of ``feature(_:)``; empty before the first event.
  public var featureColumns: [FeatureColumn] { log.featureColumns }

  /// The columns that are read, with their names; empty before the first event.
  var columns: [ReadingReport.Column] { log.columns }

  /// Columns that are called as times are, and are not read.
  var otherTimeColumns: [String] { log.otherTimeColumns }

  /// How times are written, as far as the log has been read.
  var timeFormat: TimeFormat? { parser.timeFormat }

  /// Whether there was text of Latin-1.
  var hasMetLatin1: Bool { parser.hasMetLatin1 }

  /// Whether times had digits that are cut off.
  var hasCutTimes: Bool { parser.hasCutTimes }

  /// Files opened so far.
  var fileCount: Int { nextShard }

  /// What the columns tell beside the user and the item; empty before the first event.
  public var columnRoles: Set<ColumnRole> { log.columnRoles }

  /// A number of the latest event, by its place in ``featureColumns``; NaN where it is missing.
  public func feature(_ index: Int) -> Double {
    log.features[(nextEvent - 1) * log.featureColumns.count + index]
  }

  /// The label of the latest event; nil where it is missing or the log has none.
  public var label: Double? {
    details.flatMap { $0.label.isNaN ? nil : $0.label }
  }

  /// The session of the latest event as a 64-bit hash of its token, the same on every machine; nil
  /// where it is missing or the log has none.
  public var session: UInt64? { details?.session }

  /// When the latest event ended, in microseconds since 1970-01-01, UTC; nil where that is missing
  /// or the log does not tell.
  public var endTime: Int64? { details?.endTime }

  private var details: ParsedLog.Details? {
    nextEvent > 0 && nextEvent <= log.details.count ? log.details[nextEvent - 1] : nil
  }

  /// The hash of all text read so far, decompressed, of one shard after another; of the whole log
  /// once `next()` has returned nil.
  public var hash: ContentHash { lines.hash }

  /// How many bytes that text has.
  public var byteCount: Int { lines.hash.byteCount }
}
