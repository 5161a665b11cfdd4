/// What is known of the data behind a figure; part of the passport of every score.
public struct DataSource: Sendable, Equatable, Codable {
  /// The file's name without its folder.
  public var name: String
  /// The format it was read as.
  public var format: LogFormat
  /// The hash of the log's text, decompressed, of one shard after another: `xxh64:` and sixteen
  /// hexadecimal digits.
  public var hash: String
  /// How events of one time are ordered: `file order`.
  public var tieRule: String
  /// Users, events and distinct items in the whole log.
  public var userCount: Int
  /// Events in the whole log.
  public var eventCount: Int
  /// Distinct items in the whole log.
  public var itemCount: Int
  /// Users left out because they have fewer than ``SequenceDataset/minimumEventCount`` events.
  public var leftOutUserCount: Int
  /// The events of the users left out.
  public var leftOutEventCount: Int
  /// How the log was read, and what was left out; nil for what was not read from a log, or prepared by
  /// a version that did not tell.
  public var reading: ReadingReport?
}
