public import ClseqBase

/// The events of a log, by user in the order of time.
///
/// Users with fewer events than a minimum (``minimumEventCount`` by default) are left out and counted;
/// the vocabulary is that of the remaining users. Users are in the order of their first record in the
/// file.
public struct SequenceDataset: Sendable {
  /// The minimum events per user for the ranking of next items: leave-one-out takes a test event and a
  /// validation event, and needs one event before them.
  public static let minimumEventCount = 3

  /// The values of each event, users one after another.
  public internal(set) var events: EventColumns
  /// The start of each user's events, then the end of the last user's: `userCount + 1` numbers.
  public let offsets: Column<Int64>
  /// The users' tokens, by index from 0.
  public let users: TokenTable
  /// The items' tokens, by index from 1.
  public let vocabulary: Vocabulary
  /// The event types' tokens, by index from 0; nil if the log has none.
  public let types: TokenTable?
  /// The features, whose numbers are ``EventColumns/features``.
  public let features: [Feature]
  /// The source of the data.
  public internal(set) var source: DataSource
  /// The attributes of users, by index from 0; nil without a table.
  public internal(set) var userAttributes: AttributeTable?
  /// The attributes of items, by index minus 1; nil without a table.
  public internal(set) var itemAttributes: AttributeTable?
  /// The ids of items that the vocabulary does not have; nil if there are none.
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

  /// The item of each event, 1…V; V + 1 for the unknown item.
  public var items: Column<Int32> { events.items }

  /// The time of each event, in microseconds since 1970; nil if the log has no times.
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
  ///   - earlier: Logs, or dataset folders, that it extends, the first first: events that they have are left
  ///     out of it and counted.
  ///   - options: How to read a log. Of the columns that are not named only those needed are
  ///     recognised.
  ///   - needs: The columns of a log that are needed besides user, item, time and session.
  ///   - sessionGap: Microseconds without an event after which a new session begins; nil for the
  ///     sessions of a column, or of the dataset.
  ///   - attributes: Tables of users and items; they replace those of a dataset folder.
  ///   - cache: The cache of datasets of large logs; nil for none.
  ///   - version: The version of clseq, for the manifest of a cached dataset.
  ///   - spillFolder: The folder of events beyond the memory budget.
  ///   - progress: Called with the progress of reading a log.
  /// - Throws: `DataError`: the errors of opening and reading a log, or no user has enough events.
  public static func load(
    path: String, extending earlier: [String] = [], options: ReadingOptions = ReadingOptions(),
    needs: EventNeeds = EventNeeds(), sessionGap: Int64? = nil,
    attributes: AttributeFiles = AttributeFiles(),
    cache: DatasetCache? = nil, version: String = "", spillFolder: String = "/tmp",
    progress: ProgressHandler? = nil
  ) throws(DataError) -> SequenceDataset {
    let tables = try attributes.read(options)
    var dataset: SequenceDataset
    if !earlier.isEmpty {
      var preparation = Preparation(needs.rules(sessionGap: sessionGap), folder: spillFolder)
      preparation.progress = progress
      for path in earlier + [path] { try preparation.read(path: path, needs.limited(options)) }
      dataset = try preparation.cleanDataset()
    } else if DatasetFolder.exists(at: path) {
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
    return try preparation.cleanDataset()
  }
}

extension Preparation {
  /// The dataset in memory of what was read.
  fileprivate mutating func cleanDataset() throws(DataError) -> SequenceDataset {
    try clean()
    var files: [String: DatasetManifest.File] = [:]
    return try dataset(in: nil, &files)
  }
}

extension SequenceDataset {
  /// Takes the attributes that another dataset has of these users and items; others have no values.
  mutating func keepAttributes(of base: SequenceDataset?) {
    guard let base else { return }
    userAttributes = base.userAttributes?.selecting(
      (0..<userCount).map { base.users.index(of: users[$0]) ?? -1 })
    itemAttributes = base.itemAttributes?.selecting(
      (1..<itemCount + 1).map { (base.vocabulary.index(of: vocabulary[$0]) ?? 0) - 1 })
  }

  /// The same dataset with another source.
  func with(sourceHash: String) -> SequenceDataset {
    var dataset = self
    dataset.source.hash = sourceHash
    return dataset
  }
}
