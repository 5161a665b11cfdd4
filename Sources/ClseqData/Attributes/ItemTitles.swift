/// The titles of items, from a column of a table of items.
public struct ItemTitles: Sendable {
  /// Names of columns with titles, in the order of preference.
  static let names = ["title", "name", "标题", "名称"]

  /// The name of the column.
  public let name: String
  private let attribute: Attribute
  /// The row of each item, by index minus 1; -1 for none.
  private let rows: [Int32]

  /// The titles of a table, for items under another vocabulary; nil if no column holds any.
  ///
  /// - Parameters:
  ///   - table: A row for each item of `tableItems`.
  ///   - tableItems: The items of the table.
  ///   - vocabulary: The items whose titles are needed.
  init?(_ table: AttributeTable, of tableItems: TokenTable, for vocabulary: Vocabulary) {
    guard let attribute = Self.column(of: table) else { return nil }
    name = attribute.name
    self.attribute = attribute
    rows = (0..<vocabulary.count).map { index in
      vocabulary.tokens.utf8(at: index).withUnsafeBytes { tableItems.index(of: $0) } ?? -1
    }
  }

  /// The titles in a table of items.
  ///
  /// - Parameters:
  ///   - path: The path of the table of items.
  ///   - options: The name of the column of items, and the tolerated faults.
  ///   - vocabulary: The items whose titles are needed.
  /// - Returns: Nil if no column holds titles.
  /// - Throws: `DataError`: the errors of opening and reading a table.
  public init?(
    file path: String, options: ReadingOptions = ReadingOptions(), for vocabulary: Vocabulary
  ) throws(DataError) {
    guard let read = try AttributeFiles(items: path).read(options).items else { return nil }
    self.init(read.table, of: read.keys, for: vocabulary)
  }

  /// The titles of a dataset's items; nil if it has none.
  public init?(of dataset: SequenceDataset, for vocabulary: Vocabulary) {
    guard let table = dataset.itemAttributes else { return nil }
    self.init(table, of: dataset.vocabulary.tokens, for: vocabulary)
  }

  /// The title of an item, 1…V; nil if there is none.
  public subscript(item: Int32) -> String? {
    guard item >= 1, item <= rows.count, rows[Int(item) - 1] >= 0 else { return nil }
    let words = attribute.tokens(of: Int(rows[Int(item) - 1]))
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// The column of one of the names, else one whose name ends with one of them, such as `movie_title`.
  private static func column(of table: AttributeTable) -> Attribute? {
    let texts = table.attributes.filter { !$0.isNumeric }
    for name in names {
      if let found = texts.first(where: { $0.name.lowercased() == name }) { return found }
    }
    for name in names {
      if let found = texts.first(where: { $0.name.lowercased().hasSuffix(name) }) { return found }
    }
    return nil
  }
}
