public import ClseqBase

/// The events of a log, gathered by user in the order of time.
///
/// Users with fewer events than asked for (``minimumEventCount`` by default) are left out and counted;
/// the vocabulary is that of the users who are left. Users stand in the order in
/// which the file first names them.
public struct SequenceDataset: Sendable {
  /// The events of a user that the ranking of next items asks for: leave-one-out takes a test event, a
  /// validation event and something to go before them.
  public static let minimumEventCount = 3

  /// What is known of each event, users one after another.
  public internal(set) var events: EventColumns
  /// Where each user's events start, and last where they end: `userCount + 1` numbers.
  public let offsets: Column<Int64>
  /// The users' tokens, by index from 0.
  public let users: TokenTable
  /// The items' tokens, by index from 1.
  public let vocabulary: Vocabulary
  /// The event types' tokens, by index from 0; nil where the log has none.
  public let types: TokenTable?
  /// What the numbers of ``EventColumns/features`` are.
  public let features: [Feature]
  /// Where the data came from.
  public internal(set) var source: DataSource
  /// What is known of the users, by index from 0; nil where no table was read.
  public internal(set) var userAttributes: AttributeTable?
  /// What is known of the items, by index minus 1; nil where no table was read.
  public internal(set) var itemAttributes: AttributeTable?
  /// The ids of items that the vocabulary does not have; nil where there are none.
  var foreignItems: ForeignItems?

  init(
    events: EventColumns, offsets: Column<Int64>, users: TokenTable, vocabulary: Vocabulary,
    types: TokenTable? = nil, features: [Feature] = [], source: DataSource
  ) {
    self.events = events
    self.offsets = offsets
    self.users = users
    self.vocabulary = vocabulary
    self.types = types
    self.features = features
    self.source = source
  }

  /// The item of each event, 1…V; V + 1 for one that the vocabulary does not tell apart.
  public var items: Column<Int32> { events.items }

  /// The time of each event, in microseconds since 1970; nil where the log has no times.
  public var times: Column<Int64>? { events.times }

  /// The number of users.
  public var userCount: Int { offsets.count - 1 }

  /// The number of events of these users.
  public var eventCount: Int { items.count }

  /// V, the number of items of the vocabulary.
  public var itemCount: Int { vocabulary.count }

  /// The items of one user (from 0) in the order of time.
  public subscript(user: Int) -> Slice<Column<Int32>> {
    items[Int(offsets[user])..<Int(offsets[user + 1])]
  }
}

extension SequenceDataset {
  /// Reads a log, or maps a dataset folder that was prepared from one.
  ///
  /// - Parameters:
  ///   - path: A dataset folder, or a log: a file, a folder of shards, a pattern or `-`; see
  ///     ``InteractionStream``.
  ///   - options: How to read a log. Of the columns that are not named only those needed are looked
  ///     for.
  ///   - needs: What must be known of the events of a log, beside user, item, time and session.
  ///   - sessionGap: Microseconds without an event after which a new session begins; nil for the
  ///     sessions of a column, or of the dataset.
  ///   - attributes: Tables of users and items; they take the place of those in a dataset folder.
  ///   - cache: Where the datasets of large logs are kept; nil for nowhere.
  ///   - version: The version of clseq, for the manifest of what is kept.
  ///   - spillFolder: Where events go that memory should not hold.
  ///   - progress: Is told how far reading a log is.
  /// - Throws: `DataError`: what opening and reading a log can throw, or no user has enough events.
  public static func load(
    path: String, options: ReadingOptions = ReadingOptions(), needs: EventNeeds = EventNeeds(),
    sessionGap: Int64? = nil, attributes: AttributeFiles = AttributeFiles(),
    cache: DatasetCache? = nil, version: String = "", spillFolder: String = "/tmp",
    progress: ProgressHandler? = nil
  ) throws(DataError) -> SequenceDataset {
    let tables = try attributes.read(options)
    var dataset: SequenceDataset
    if DatasetFolder.exists(at: path) {
      dataset = try DatasetFolder.mapped(path).dataset
      if let sessionGap { dataset = try dataset.withSessions(gap: sessionGap) }
    } else {
      let options = needs.limited(options)
      let rules = needs.rules(sessionGap: sessionGap)
      if let cached = try cache?.dataset(
        path: path, options: options, rules: rules, version: version, progress: progress)
      {
        dataset = cached
      } else {
        dataset = try gather(
          InteractionStream(path: path, options: options), rules, spillFolder, progress)
      }
    }
    try dataset.attach(tables)
    return dataset
  }

  package static func load(
    _ source: any ByteSource, options: ReadingOptions = ReadingOptions(),
    needs: EventNeeds = EventNeeds(), spillFolder: String = "/tmp"
  ) throws(DataError) -> SequenceDataset {
    try gather(
      InteractionStream(source, options: needs.limited(options)), needs.rules(sessionGap: nil),
      spillFolder)
  }

  private static func gather(
    _ stream: consuming InteractionStream, _ rules: DatasetRules, _ spillFolder: String,
    _ progress: ProgressHandler? = nil
  ) throws(DataError) -> SequenceDataset {
    var preparation = Preparation(rules, folder: spillFolder)
    preparation.progress = progress
    try preparation.read(&stream)
    try preparation.clean()
    var files: [String: DatasetManifest.File] = [:]
    return try preparation.dataset(of: stream, in: nil, &files)
  }
}

extension SequenceDataset {
  /// The same under the hash of another source.
  func with(sourceHash: String) -> SequenceDataset {
    var dataset = self
    dataset.source.hash = sourceHash
    return dataset
  }
}
