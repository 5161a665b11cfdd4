import ClseqBase

/// The source of the data of a figure; part of the passport of every score.
public struct DataSource: Sendable, Equatable, Codable {
  /// The file's name without its folder.
  public var name: String
  /// The format.
  public var format: LogFormat
  /// The hash of the log's text, decompressed, over all shards in order: `xxh64:` and sixteen
  /// hexadecimal digits.
  public var hash: String
  /// The order of events with equal times: `file order`.
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
  /// How the log was read, and the records left out; nil for data that were not read from a log, or were
  /// prepared by a version without reports.
  public var reading: ReadingReport?
}

extension DataSource {
  /// The hash of several logs in their order; of one log its own.
  package static func hash(ofLogs hashes: [String]) -> String {
    guard hashes.count > 1 else { return hashes.first ?? "" }
    var hash = ContentHash()
    for text in hashes { Array("\(text)\n".utf8).withUnsafeBytes { hash.update($0) } }
    return hash.text
  }
}
