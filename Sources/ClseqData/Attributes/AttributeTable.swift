/// The attributes of a dataset's users, or of its items.
///
/// ```swift
/// let files = AttributeFiles(items: "movies.csv")
/// let dataset = try SequenceDataset.load(path: "ratings.csv", attributes: files)
/// if let genres = dataset.itemAttributes?["genres"] { print(genres.tokens(of: 0)) }
/// ```
public struct AttributeTable: Sendable {
  /// The maximum number of attributes of a table.
  public static let maximumAttributeCount = 1_000
  /// The maximum number of numbers of an attribute in a row.
  public static let maximumWidth = 4_096

  /// The attributes in the order of the file's columns; their names are distinct.
  public let attributes: [Attribute]
  /// The number of rows: user u has row u, item v has row v - 1.
  public let rowCount: Int
  /// The source of the table.
  public let source: AttributeSource

  /// The attribute of a name; nil if there is none.
  public subscript(name: String) -> Attribute? { attributes.first { $0.name == name } }

  /// A selection of rows: row i is the old row `rows[i]`, or has no values if that is -1.
  func selecting(_ rows: [Int32]) -> AttributeTable {
    AttributeTable(
      attributes: attributes.map { $0.selecting(rows) }, rowCount: rows.count, source: source)
  }

  /// The first rows.
  func prefix(_ count: Int) -> AttributeTable {
    count == rowCount ? self : selecting(Array(0..<Int32(count)))
  }
}

/// The source of a table of attributes, and how it matches the log.
public struct AttributeSource: Sendable, Equatable, Codable {
  /// The file's name without its folder.
  public var name: String
  /// The hash of its text, decompressed: `xxh64:` and sixteen hexadecimal digits.
  public var hash: String
  /// The rows of the file.
  public var rowCount: Int
  /// Malformed rows that were skipped; see ``ReadingOptions/tolerated``.
  public var skippedRowCount: Int
  /// Rows left out because their key is not a user, or item, of the log.
  public var leftOutRowCount = 0
  /// Users, or items, of the log without a row: all their values are missing.
  public var unknownCount = 0

  private enum CodingKeys: String, CodingKey {
    case name, hash
    case rowCount = "rows"
    case skippedRowCount = "skipped_rows"
    case leftOutRowCount = "left_out_rows"
    case unknownCount = "without_row"
  }
}
