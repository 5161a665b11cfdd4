/// How a format with separated fields is written.
struct DelimitedDialect {
  /// Where the names of the columns come from.
  enum Header: Equatable {
    /// The first line holds them.
    case names
    /// The first line holds `name:type` (RecBole).
    case typedNames
    /// There is no such line: the columns have these names.
    case fixed([String])
    /// There is no such line: the columns are named by their numbers, from 1.
    case numbers
  }

  var splitter: FieldSplitter
  var header: Header
  /// Whether a first line of nothing but numbers and times is taken for a header all the same.
  var isHeaderSure = false
  /// Whether text that is not UTF-8 is Latin-1.
  var allowsLatin1 = false

  /// The separator of fields that may be quoted, in which a line may end without a record's end;
  /// nil where no field is quoted.
  var quotedSeparator: UInt8? {
    if case .byte(let separator) = splitter.separator, splitter.isQuoted { separator } else { nil }
  }

  /// What stands between fields, for people.
  var separatorName: String {
    switch splitter.separator {
    case .byte(UInt8(ascii: "\t")): "TAB"
    case .byte(UInt8(ascii: ",")): "comma"
    case .byte(let byte): "\"\(Character(UnicodeScalar(byte)))\""
    case .doubleColon: "::"
    }
  }

  /// What a message calls the fields.
  var fieldNoun: String {
    switch splitter.separator {
    case .byte(UInt8(ascii: "\t")): "TAB-separated fields"
    case .byte: "fields"
    case .doubleColon: "fields separated by ::"
    }
  }
}

extension DelimitedDialect {
  private static let movieLensColumns = Header.fixed(["user_id", "item_id", "rating", "timestamp"])

  static func csv(hasHeader: Bool) -> DelimitedDialect {
    DelimitedDialect(
      splitter: FieldSplitter(separator: .byte(UInt8(ascii: ",")), isQuoted: true),
      header: hasHeader ? .names : .numbers)
  }

  static func tsv(hasHeader: Bool) -> DelimitedDialect {
    DelimitedDialect(
      splitter: FieldSplitter(separator: .byte(UInt8(ascii: "\t")), isQuoted: false),
      header: hasHeader ? .names : .numbers)
  }

  /// Rows of a database under the names of their columns.
  static let rows: DelimitedDialect = {
    var dialect = csv(hasHeader: true)
    dialect.isHeaderSure = true
    return dialect
  }()

  static let inter = DelimitedDialect(
    splitter: FieldSplitter(separator: .byte(UInt8(ascii: "\t")), isQuoted: false),
    header: .typedNames)

  static let movieLensDat = DelimitedDialect(
    splitter: FieldSplitter(separator: .doubleColon, isQuoted: false), header: movieLensColumns,
    allowsLatin1: true)

  static let movieLensTab = DelimitedDialect(
    splitter: FieldSplitter(separator: .byte(UInt8(ascii: "\t")), isQuoted: false),
    header: movieLensColumns)
}
