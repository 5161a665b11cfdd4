import Foundation

/// `dataset.json` of a dataset folder: its content and its origin.
public struct DatasetManifest: Sendable, Equatable, Codable {
  /// The format that this version writes and reads.
  public static let currentFormat = 2
  static let fileName = "dataset.json"

  /// A file of the folder.
  public struct File: Sendable, Equatable, Codable {
    /// Its size in bytes.
    public var bytes: Int
    /// The hash of its bytes, `xxh64:` and sixteen hexadecimal digits.
    public var hash: String
  }

  /// The format of the folder.
  public var format = Self.currentFormat
  /// The version of clseq that wrote it.
  public var clseqVersion: String
  /// The log that it was made from, before any rule.
  public var source: DataSource
  /// The rules that were applied.
  public var rules: CleaningRules
  /// The counts of the removed records, per rule.
  public var report: CleaningReport
  /// Microseconds without an event after which a new session begins; nil if sessions are those of
  /// a column, or there are none.
  public var sessionGap: Int64?
  /// The features of events, with their statistics.
  public var features: [Feature]
  /// The remaining users.
  public var userCount: Int
  /// The remaining items.
  public var itemCount: Int
  /// The remaining events.
  public var eventCount: Int
  /// The attributes of users, if a table was given.
  public var userAttributes: AttributeManifest?
  /// The attributes of items; nil without a table.
  public var itemAttributes: AttributeManifest?
  /// Every other file by name.
  public var files: [String: File]

  private enum CodingKeys: String, CodingKey {
    case format
    case clseqVersion = "clseq_version"
    case source
    case rules
    case report
    case sessionGap = "session_gap"
    case features
    case userCount = "users"
    case itemCount = "items"
    case eventCount = "events"
    case userAttributes = "user_attributes"
    case itemAttributes = "item_attributes"
    case files
  }
}

extension DatasetManifest {
  /// Reads the manifest of a folder.
  ///
  /// - Throws: `DataError.missingFile`, `.unreadable`, `.damaged` for text that is not a
  ///   manifest, or of another format.
  init(folder: String) throws(DataError) {
    let file = try MappedFile(path: "\(folder)/\(Self.fileName)")
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(file.bytes))
    } catch {
      throw .damaged(path: file.path, reason: "not the manifest of a dataset: \(error)")
    }
    guard format == Self.currentFormat else {
      throw .damaged(
        path: file.path,
        reason:
          "format \(format), and this version reads \(Self.currentFormat); prepare the log again")
    }
  }

  /// The manifest as text.
  func text() throws(DataError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do { return try Array(encoder.encode(self)) + Array("\n".utf8) } catch {
      throw .cannotWrite(path: Self.fileName, reason: "\(error)")
    }
  }
}
