/// What a dataset's manifest says of a table of attributes.
///
/// Attribute i of the users lies in `user-attribute-i.bin`: codes as Int32, or numbers as Float64.
/// Where the codes of each row begin, if it may have several, lies in `user-attribute-i-offsets.bin`
/// (Int64), and tokens are the lines of `user-attribute-i.txt`. Those of the items are named in the
/// same way.
public struct AttributeManifest: Sendable, Equatable, Codable {
  /// One attribute.
  public struct Entry: Sendable, Equatable, Codable {
    /// Its name.
    public var name: String
    /// What its values are.
    public var kind: AttributeKind
    /// Numbers of a row; nil where there is one.
    public var width: Int?
    /// Rows without a value.
    public var missing: Int
  }

  /// Where the table came from.
  public var source: AttributeSource
  /// The attributes in order.
  public var attributes: [Entry]

  init(_ table: AttributeTable) {
    source = table.source
    attributes = table.attributes.map { attribute in
      var entry = Entry(name: attribute.name, kind: attribute.kind, missing: attribute.missingCount)
      if case .floatSequences(_, let width) = attribute.values { entry.width = width }
      return entry
    }
  }
}

extension AttributeOwner {
  /// What the names of all files of attributes begin with.
  private var filePrefix: String { "\(rawValue)-attribute-" }

  /// The values of an attribute.
  func values(_ index: Int) -> String { "\(filePrefix)\(index).bin" }
  /// Where the values of each row begin.
  func offsets(_ index: Int) -> String { "\(filePrefix)\(index)-offsets.bin" }
  /// The tokens of its codes.
  func tokens(_ index: Int) -> String { "\(filePrefix)\(index).txt" }

  /// Whether a file of a dataset folder belongs to an attribute.
  static func owns(_ name: String) -> Bool {
    [AttributeOwner.user, .item].contains { name.hasPrefix($0.filePrefix) }
  }
}
