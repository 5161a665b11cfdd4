/// The entry of a table of attributes in a dataset's manifest.
///
/// Attribute i of the users lies in `user-attribute-i.bin`: codes as Int32, or numbers as Float64.
/// The start of each row's codes, if a row may have several, is in `user-attribute-i-offsets.bin`
/// (Int64), and tokens are the lines of `user-attribute-i.txt`. Those of the items are named in the
/// same way.
public struct AttributeManifest: Sendable, Equatable, Codable {
  /// One attribute.
  public struct Entry: Sendable, Equatable, Codable {
    /// Its name.
    public var name: String
    /// The kind of its values.
    public var kind: AttributeKind
    /// Numbers per row; nil if there is one.
    public var width: Int?
    /// Rows without a value.
    public var missing: Int
  }

  /// The source of the table.
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
  /// The common prefix of the names of attribute files.
  private var filePrefix: String { "\(rawValue)-attribute-" }

  /// The values of an attribute.
  func values(_ index: Int) -> String { "\(filePrefix)\(index).bin" }
  /// The start of each row's values.
  func offsets(_ index: Int) -> String { "\(filePrefix)\(index)-offsets.bin" }
  /// The tokens of its codes.
  func tokens(_ index: Int) -> String { "\(filePrefix)\(index).txt" }

  /// Whether a file of a dataset folder belongs to an attribute.
  static func owns(_ name: String) -> Bool {
    [AttributeOwner.user, .item].contains { name.hasPrefix($0.filePrefix) }
  }
}
