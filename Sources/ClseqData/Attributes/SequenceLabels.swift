/// Which sequences of a log are ordinary and which are of a kind of anomaly, from a table like those of attributes: CSV,
/// TSV, JSON Lines or RecBole's `.user`, with a column of ids.
public struct SequenceLabels: Sendable {
  /// Labels of ordinary sequences.
  public static let ordinary: Set<String> = ["none", "normal", "0", "false", "no"]
  /// The names of columns of labels, where none is named.
  public static let columns = ["anomaly", "kind", "label"]

  /// The path of the table.
  public let path: String
  private let keys: TokenTable
  private let labels: [String?]

  /// Reads the table.
  ///
  /// - Parameters:
  ///   - path: A file.
  ///   - column: The column of labels; nil for one of ``columns``, or the only one.
  ///   - options: The name of the column of ids, and the tolerated faults.
  /// - Throws: `DataError`: the errors of opening and reading a table; `.unknownToken` without such a column.
  public init(_ path: String, column: String? = nil, _ options: ReadingOptions) throws(DataError) {
    let rows = try AttributeReader.read(path, of: .user, kinds: [:], options)
    let names = rows.table.attributes.map(\.name)
    let name =
      column ?? Self.columns.first(where: names.contains) ?? (names.count == 1 ? names[0] : "")
    guard let attribute = rows.table[name] else {
      throw .unknownToken(
        path: path, token: column ?? names.joined(separator: ", "),
        expected: "a column of labels, such as \(Self.columns[0]) (--kind-column NAME)")
    }
    self.path = path
    keys = rows.keys
    labels = (0..<rows.keys.count).map { row in
      if let token = attribute.tokens(of: row).first { return token }
      guard let number = attribute.numbers(of: row).first, number.isFinite else { return nil }
      return Int(exactly: number).map(String.init) ?? "\(number)"
    }
  }

  /// The label of a sequence, or else of its user; nil where neither has one.
  public func label(of id: String, user: String) -> String? {
    (keys.index(of: id) ?? keys.index(of: user)).flatMap { labels[Int($0)] }
  }
}
