/// The events of a log, gathered by user in the order of time.
///
/// Users with fewer than ``minimumEventCount`` events are left out and counted; their items keep
/// their place in the vocabulary, which is that of the whole log. Users stand in the order in
/// which the file first names them.
public struct SequenceDataset: Sendable {
  /// Leave-one-out takes a test event, a validation event and something to go before them.
  public static let minimumEventCount = 3

  /// The items of all users one after another, as indices 1…V.
  public let items: Column<Int32>
  /// Where each user's items start in `items`, and last where they end: `userCount + 1` numbers.
  public let offsets: Column<Int64>
  /// The time of each event, in microseconds since 1970; nil where the log has no times.
  public let times: Column<Int64>?
  /// The users' tokens, by index from 0.
  public let users: TokenTable
  /// The items' tokens, by index from 1.
  public let vocabulary: Vocabulary
  /// Where the data came from.
  public let source: DataSource

  init(
    items: Column<Int32>, offsets: Column<Int64>, times: Column<Int64>? = nil, users: TokenTable,
    vocabulary: Vocabulary, source: DataSource
  ) {
    self.items = items
    self.offsets = offsets
    self.times = times
    self.users = users
    self.vocabulary = vocabulary
    self.source = source
  }

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
  ///   - options: How to read a log. Of the columns that are not named only the user, the item and
  ///     the time are looked for.
  ///   - spillFolder: Where events go that memory should not hold.
  /// - Throws: `DataError`: what opening and reading a log can throw, or no user has enough events.
  public static func load(
    path: String, options: ReadingOptions = ReadingOptions(), spillFolder: String = "/tmp"
  ) throws(DataError) -> SequenceDataset {
    if DatasetFolder.exists(at: path) { return try DatasetFolder.mapped(path).dataset }
    return try gather(
      InteractionStream(path: path, options: options.forSequences), spillFolder)
  }

  static func load(
    _ source: any ByteSource, options: ReadingOptions = ReadingOptions(),
    spillFolder: String = "/tmp"
  ) throws(DataError) -> SequenceDataset {
    try gather(InteractionStream(source, options: options.forSequences), spillFolder)
  }

  private static func gather(
    _ stream: consuming InteractionStream, _ spillFolder: String
  ) throws(DataError) -> SequenceDataset {
    var preparation = Preparation(CleaningRules(), folder: spillFolder)
    try preparation.read(&stream)
    try preparation.clean()
    return try preparation.dataset(of: stream)
  }
}

extension ReadingOptions {
  /// The same without columns that a sequence of items has no place for.
  fileprivate var forSequences: ReadingOptions {
    var options = self
    options.columns.recognized.formIntersection([.user, .item, .time])
    return options
  }
}
