/// The events of a log, gathered by user in the order of time.
///
/// Users with fewer than ``minimumEventCount`` events are left out and counted; their items keep
/// their place in the vocabulary, which is that of the whole log. Users stand in the order in
/// which the file first names them.
public struct SequenceDataset: Sendable {
  /// Leave-one-out takes a test event, a validation event and something to go before them.
  public static let minimumEventCount = 3

  /// The items of all users one after another, as indices 1…V.
  public let items: [Int32]
  /// Where each user's items start in `items`, and last where they end: `userCount + 1` numbers.
  public let offsets: [Int]
  /// The users' tokens, by index from 0.
  public let users: TokenTable
  /// The items' tokens, by index from 1.
  public let vocabulary: Vocabulary
  /// Where the data came from.
  public let source: DataSource

  init(
    items: [Int32], offsets: [Int], users: TokenTable, vocabulary: Vocabulary, source: DataSource
  ) {
    self.items = items
    self.offsets = offsets
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
  public subscript(user: Int) -> ArraySlice<Int32> {
    items[offsets[user]..<offsets[user + 1]]
  }
}

extension SequenceDataset {
  /// Reads a log.
  ///
  /// - Parameters:
  ///   - path: A file of one of the formats of ``LogFormat``.
  ///   - format: The format, or nil to recognise it.
  /// - Throws: `DataError`: the file is missing, unreadable or empty, a line is malformed, or no
  ///   user has enough events.
  public static func load(
    path: String, format: LogFormat? = nil
  ) throws(DataError) -> SequenceDataset {
    try load(FileByteSource(path: path), format: format)
  }

  static func load(
    _ source: any ByteSource, format: LogFormat?
  ) throws(DataError) -> SequenceDataset {
    var stream = try InteractionStream(source, format: format)
    var builder = SequenceDatasetBuilder()
    while let event = try stream.next() { builder.append(event) }
    return try builder.build(from: stream)
  }
}
