import ClseqBase
import Foundation

/// Given vectors of items, such as embeddings of their texts or pictures, as an attribute.
public struct ItemVectors: Sendable {
  /// The name of the attribute.
  public static let name = "vector"

  private let ids: TokenTable
  private let values: [Float]
  private let width: Int
  let source: AttributeSource
  /// The path of the file of ids.
  let path: String

  /// - Parameters:
  ///   - values: row after row.
  ///   - width: numbers of a row.
  ///   - path: path of the file of vectors; the file of ids beside it, one token per line, has the
  ///     extension `ids` after the whole name (`v.npy.ids`) or in place of its own (`v.ids`).
  /// - Throws: `DataError.missingFile` and others for the file of ids, `.unfit` if it does not have
  ///   one id per row, or vectors are too wide or not finite.
  public init(_ values: [Float], width: Int, path: String) throws(DataError) {
    let stem = path.lastIndex(of: ".").map { String(path[..<$0]) } ?? path
    let idPath = access(path + ".ids", F_OK) == 0 ? path + ".ids" : stem + ".ids"
    let file = try MappedFile(path: idPath)
    var ids = TokenTable()
    for line in file.bytes.split(separator: UInt8(ascii: "\n")) {
      let end = line.last == UInt8(ascii: "\r") ? line.endIndex - 1 : line.endIndex
      _ = ids.intern(UnsafeRawBufferPointer(rebasing: line[..<end]))
    }
    guard width <= AttributeTable.maximumWidth else {
      throw .unfit(
        path: path, what: "vectors of \(width) numbers",
        expected: "at most \(AttributeTable.maximumWidth)")
    }
    guard ids.count * width == values.count else {
      throw .unfit(
        path: idPath, what: "\(ids.count) distinct ids",
        expected: "one for each of the \(values.count / max(1, width)) vectors, one per line")
    }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw .unfit(
        path: path, what: "row \(bad / width), column \(bad % width) is \(values[bad])",
        expected: "finite numbers")
    }
    self.path = idPath
    self.ids = ids
    self.values = values
    self.width = width
    source = AttributeSource(
      name: path.split(separator: "/").last.map(String.init) ?? path, hash: file.hash.text,
      rowCount: ids.count, skippedRowCount: 0)
  }
}

extension SequenceDataset {
  /// Adds the vectors as an attribute of items; an item without a vector has a missing value.
  ///
  /// - Throws: `DataError.unfit` if no item has a vector.
  public mutating func attach(_ vectors: ItemVectors) throws(DataError) {
    guard (1...itemCount).contains(where: { vectors.hasVector(of: vocabulary[$0]) }) else {
      throw .unfit(
        path: vectors.path, what: "none of the ids is an item of \(source.name)",
        expected: "ids of its items")
    }
    let entry = ReadingReport.Table(
      owner: "item", name: vectors.source.name, rows: vectors.source.rowCount, owners: itemCount,
      matched: (1...itemCount).count { vectors.hasVector(of: vocabulary[$0]) }, skippedRows: 0)
    source.reading?.tables.append(entry)
    itemAttributes = vectors.attribute(beside: itemAttributes, vocabulary)
  }
}

extension ItemVectors {
  fileprivate func hasVector(of item: String) -> Bool { ids.index(of: item) != nil }

  fileprivate func attribute(beside table: AttributeTable?, _ vocabulary: Vocabulary)
    -> AttributeTable
  {
    let missing = [Double](repeating: .nan, count: width)
    let numbers = (1...vocabulary.count).flatMap { item -> [Double] in
      guard let row = ids.index(of: vocabulary[item]).map({ Int($0) }) else { return missing }
      return values[row * width..<(row + 1) * width].map { Double($0) }
    }
    let attribute = Attribute(
      name: Self.name, values: .floatSequences(Column(numbers), width: width))
    return AttributeTable(
      attributes: (table?.attributes ?? []).filter { $0.name != Self.name } + [attribute],
      rowCount: vocabulary.count, source: table?.source ?? source)
  }
}
