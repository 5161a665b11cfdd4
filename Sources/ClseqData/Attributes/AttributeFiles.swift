/// The tables of attributes of a log's users and items.
///
/// A table is CSV, TSV, JSON Lines or one of RecBole's atomic files (`.user`, `.item`), recognised
/// by its name, else by its first line, and like a log may be compressed or a folder of shards. Its
/// key column is the one that ``ReadingOptions/columns`` names for users, or items; if the table has none of
/// that name, it is recognised by the same common names as in a log. Every other column is an attribute:
///
/// - RecBole's header gives the kinds.
/// - A column of CSV or TSV is ``AttributeKind/float`` if it has values and all are numbers; else it is
///   ``AttributeKind/token``. Empty fields are missing values; in a column of numbers so are `NA`,
///   `NaN`, `null` and `\N`.
/// - In JSON Lines a string is no number, and members that are arrays are
///   ``AttributeKind/tokenSequence``.
/// - ``kinds`` overrides all of this. Sequences in a field are separated by blanks in RecBole's files,
///   and by `|` elsewhere.
public struct AttributeFiles: Sendable, Equatable {
  /// The path of the table of users; nil for none.
  public var users: String?
  /// The path of the table of items; nil for none.
  public var items: String?
  /// The kinds of attributes, by name; they override the file.
  public var kinds: [String: AttributeKind]
  /// Whether a table may have no row for any user, or item, of the log, as new users may be unknown.
  public var mayFitNobody = false

  /// - Parameters:
  ///   - users: The path of the table of users.
  ///   - items: The path of the table of items.
  ///   - kinds: The kinds of attributes by name; they override the file.
  public init(
    users: String? = nil, items: String? = nil, kinds: [String: AttributeKind] = [:]
  ) {
    self.users = users
    self.items = items
    self.kinds = kinds
  }
}

extension AttributeFiles {
  /// Reads the tables for their faults alone.
  ///
  /// - Parameter options: The names of the columns of users and items, and the tolerated faults.
  /// - Throws: `DataError`: the errors of opening and reading a file; `.unknownToken` for a kind
  ///   whose name no table has.
  public func check(_ options: ReadingOptions) throws(DataError) { _ = try read(options) }

  /// The tables before they are matched with a log.
  struct Tables {
    var users: KeyedAttributes?
    var items: KeyedAttributes?
    var mayFitNobody = false
  }

  /// Reads the tables. They are read before the log, which may be large, so that their faults are reported
  /// early.
  ///
  /// - Throws: `DataError`: the errors of opening and reading a file; `.unknownToken` for a kind
  ///   whose name no table has.
  func read(_ options: ReadingOptions) throws(DataError) -> Tables {
    var tables = Tables(mayFitNobody: mayFitNobody)
    if let users {
      tables.users = try AttributeReader.read(users, of: .user, kinds: kinds, options)
    }
    if let items {
      tables.items = try AttributeReader.read(items, of: .item, kinds: kinds, options)
    }
    let names = [tables.users, tables.items].flatMap {
      $0?.table.attributes.map(\.name) ?? []
    }
    for name in kinds.keys.sorted() where !names.contains(name) {
      throw .unknownToken(
        path: [users, items].compactMap { $0 }.joined(separator: ", "), token: name,
        expected: "one of the attributes " + names.joined(separator: ", "))
    }
    return tables
  }
}

extension SequenceDataset {
  /// Gives users and items the attributes of the tables; without a table, existing attributes are
  /// kept.
  ///
  /// - Throws: `DataError.unfit` for a table without a row that matches.
  mutating func attach(_ tables: AttributeFiles.Tables) throws(DataError) {
    if let table = tables.users {
      userAttributes = try fitted(table, to: users, of: .user, tables.mayFitNobody)
    }
    if let table = tables.items {
      itemAttributes = try fitted(table, to: vocabulary.tokens, of: .item, tables.mayFitNobody)
    }
  }

  /// The rows of these users, or items; counts them in the report.
  private mutating func fitted(
    _ table: KeyedAttributes, to keys: TokenTable, of owner: AttributeOwner, _ mayFitNobody: Bool
  ) throws(DataError) -> AttributeTable {
    let matched = table.matched(to: keys)
    let entry = ReadingReport.Table(
      owner: owner.rawValue, name: matched.source.name, rows: matched.source.rowCount,
      owners: keys.count, matched: keys.count - matched.source.unknownCount,
      skippedRows: matched.source.skippedRowCount)
    source.reading?.tables.removeAll { $0.owner == entry.owner }
    source.reading?.tables.append(entry)
    if entry.matched == 0 && !mayFitNobody && keys.count > 0 && table.keys.count > 0 {
      throw .unfit(
        path: entry.name,
        what:
          "no row is of \(owner == .user ? "a user" : "an item") of \(source.name): its first id "
          + "is \"\(table.keys[0])\", and that of the log is \"\(keys[0])\"",
        expected: "the same ids in both")
    }
    return matched
  }
}
