/// The attributes of items as targets: of each token, whether the item has it.
///
/// Source: Zhou et al., "S3-Rec" (CIKM 2020), section 4.2.2, masked item and its attributes. Attributes that
/// nearly every item has a token of its own of, as titles, are left out, and so are numbers.
package struct ItemAttributeTargets: Sendable {
  /// The attributes and their tokens, a place each.
  package let encoding: AttributeEncoding
  private let places: [Int32]
  private let offsets: [Int]

  /// - Parameters:
  ///   - dataset: The dataset with the table of items.
  ///   - known: The tokens of an earlier model; nil for all of the dataset.
  /// - Throws: `DataError.lacks` for a dataset without attributes of items, `.unfit` where none has tokens that
  ///   items share.
  package init(_ dataset: SequenceDataset, known: AttributeEncoding? = nil) throws(DataError) {
    guard let table = dataset.itemAttributes else {
      throw .lacks(
        path: dataset.source.name, what: "attributes of items (--items FILE)",
        purpose: "the part item-attributes")
    }
    encoding = known ?? AttributeEncoding(table).tokensOnly
    try encoding.requireParts(of: "items", table.source.name)
    (places, offsets) = encoding.tokenPlaces(of: table)
  }

  /// C, the number of tokens of all attributes.
  package var width: Int { encoding.width }

  /// The places of an item's tokens, ascending; none for what is no item, and for one of which nothing is known.
  package func tokens(of item: Int32) -> ArraySlice<Int32> {
    guard item >= 1, Int(item) < offsets.count else { return [] }
    return places[offsets[Int(item) - 1]..<offsets[Int(item)]]
  }

  /// Rows of 1 for the tokens of items and 0 for all others, `[items, C]`.
  package func rows(of items: [Int32]) -> [Float] {
    var rows = [Float](repeating: 0, count: items.count * width)
    for (row, item) in items.enumerated() {
      for place in tokens(of: item) { rows[row * width + Int(place)] = 1 }
    }
    return rows
  }
}
