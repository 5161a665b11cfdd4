/// The tables of attributes that go with a log.
///
/// A table is CSV, TSV, JSON Lines or one of RecBole's atomic files (`.user`, `.item`), recognised
/// by its name, else by its first line, and like a log may be compressed or a folder of shards. Its
/// key column has the name that ``ReadingOptions/columns`` has for users, or items, if it is there,
/// and is else recognised by the same common names. Every other column is an attribute:
///
/// - RecBole's header says the kinds.
/// - A column of CSV or TSV is ``AttributeKind/float`` if all its values are numbers, and there is
///   one; else it is ``AttributeKind/token``. Empty fields are missing values; where the other
///   values are numbers so are `NA`, `NaN`, `null` and `\N`.
/// - In JSON Lines a string is no number, and members that are arrays are
///   ``AttributeKind/tokenSequence``.
/// - ``kinds`` overrides all that. Sequences in a field are separated by blanks in RecBole's files,
///   and by `|` elsewhere.
public struct AttributeFiles: Sendable, Equatable {
  /// The path of the table of users; nil for none.
  public var users: String?
  /// The path of the table of items; nil for none.
  public var items: String?
  /// The kinds of attributes, by name, that hold whatever a file says.
  public var kinds: [String: AttributeKind]
  /// Whether a table may have a row for none of a log's users, or items: new users need not be known.
  public var mayFitNobody = false

  /// - Parameters:
  ///   - users: The path of the table of users.
  ///   - items: The path of the table of items.
  ///   - kinds: The kinds of attributes that hold whatever a file says.
  public init(
    users: String? = nil, items: String? = nil, kinds: [String: AttributeKind] = [:]
  ) {
    self.users = users
    self.items = items
    self.kinds = kinds
  }
}

extension AttributeFiles {
  /// The tables before they have met a log.
  struct Tables {
    var users: KeyedAttributes?
    var items: KeyedAttributes?
    var mayFitNobody = false
  }

  /// Reads the tables. They are read before the log, which may be large: a fault in them shows
  /// early.
  ///
  /// - Throws: `DataError`: what opening and reading a file can throw; `.unknownToken` for a kind
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
  /// Gives users and items the attributes of tables; those of a table that there is not stay what
  /// they are.
  ///
  /// - Throws: `DataError.unfit` for a table of which no row fits.
  mutating func attach(_ tables: AttributeFiles.Tables) throws(DataError) {
    if let table = tables.users {
      userAttributes = try fitted(table, to: users, of: .user, tables.mayFitNobody)
    }
    if let table = tables.items {
      itemAttributes = try fitted(table, to: vocabulary.tokens, of: .item, tables.mayFitNobody)
    }
  }

  /// The rows of these users, or items, told in the report.
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
          "no row is of \(owner == .user ? "a user" : "an item") of \(source.name): its first one "
          + "is \"\(table.keys[0])\", and that of the log \"\(keys[0])\"",
        expected: "the same ids in both")
    }
    return matched
  }
}
