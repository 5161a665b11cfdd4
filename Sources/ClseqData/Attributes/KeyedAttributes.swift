/// A table of attributes as in its file: one row per key.
struct KeyedAttributes {
  /// The keys by row.
  let keys: TokenTable
  let table: AttributeTable

  /// The rows of these keys, in their order. Codes are only those of tokens in these rows.
  ///
  /// - Parameter keys: The users of a dataset, or the items of its vocabulary.
  func matched(to keys: TokenTable) -> AttributeTable {
    let rows = (0..<keys.count).map { index in
      keys.utf8(at: index).withUnsafeBytes { self.keys.index(of: $0) } ?? -1
    }
    var source = table.source
    source.unknownCount = rows.count { $0 < 0 }
    source.leftOutRowCount = self.keys.count - (rows.count - source.unknownCount)
    return AttributeTable(
      attributes: table.attributes.map { $0.selecting(rows).compacted() }, rowCount: rows.count,
      source: source)
  }
}
