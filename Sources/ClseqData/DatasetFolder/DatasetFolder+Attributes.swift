extension DatasetFolder {
  /// Writes a table beside the other files of a folder. Returns nil if there is none.
  ///
  /// - Throws: `DataError.cannotWrite`.
  static func write(
    _ table: AttributeTable?, of owner: AttributeOwner, to folder: String,
    _ files: inout [String: DatasetManifest.File]
  ) throws(DataError) -> AttributeManifest? {
    guard let table else { return nil }
    for (index, attribute) in table.attributes.enumerated() {
      let name = owner.values(index)
      switch attribute.values {
      case .tokens(let codes): try write(codes, name, to: folder, &files)
      case .tokenSequences(let codes, let offsets):
        try write(codes, name, to: folder, &files)
        try write(offsets, owner.offsets(index), to: folder, &files)
      case .floats(let numbers), .floatSequences(let numbers, _):
        try write(numbers, name, to: folder, &files)
      }
      guard !attribute.isNumeric else { continue }
      let tokenName = owner.tokens(index)
      files[tokenName] = try TokenFile.write(attribute.tokens, to: "\(folder)/\(tokenName)")
    }
    return AttributeManifest(table)
  }

  private static func write<Element>(
    _ elements: Column<Element>, _ name: String, to folder: String,
    _ files: inout [String: DatasetManifest.File]
  ) throws(DataError) {
    let writer = try ColumnWriter<Element>(name, in: folder)
    for element in elements { try writer.append(element) }
    _ = try writer.finish(&files)
  }

  /// Maps a table and checks that its numbers are in their bounds. Returns nil if the manifest has
  /// none.
  ///
  /// - Throws: `DataError.damaged`, and the errors of mapping a file.
  static func attributes(
    of owner: AttributeOwner, rowCount: Int, _ manifest: DatasetManifest, in folder: String
  ) throws(DataError) -> AttributeTable? {
    let described = owner == .user ? manifest.userAttributes : manifest.itemAttributes
    guard let described else { return nil }
    let names = described.attributes.map(\.name)
    guard names.count <= AttributeTable.maximumAttributeCount, Set(names).count == names.count
    else {
      throw .damaged(path: folder, reason: "its manifest names an attribute twice, or too many")
    }
    var attributes: [Attribute] = []
    for (index, entry) in described.attributes.enumerated() {
      attributes.append(
        try attribute(entry, index, of: owner, rowCount: rowCount, manifest, in: folder))
    }
    return AttributeTable(attributes: attributes, rowCount: rowCount, source: described.source)
  }

  private static func attribute(
    _ entry: AttributeManifest.Entry, _ index: Int, of owner: AttributeOwner, rowCount: Int,
    _ manifest: DatasetManifest, in folder: String
  ) throws(DataError) -> Attribute {
    let file = try file(owner.values(index), of: manifest, in: folder)
    switch entry.kind {
    case .float, .floatSequence:
      let width = entry.kind == .float ? 1 : entry.width ?? 1
      guard (1...AttributeTable.maximumWidth).contains(width) else {
        throw .damaged(path: folder, reason: "its manifest gives \(entry.name) \(width) numbers")
      }
      let numbers = try Column<Double>(mapping: file)
      guard numbers.count == rowCount * width, !numbers.contains(where: \.isInfinite) else {
        throw .damaged(path: file.path, reason: "its numbers do not fit")
      }
      return Attribute(
        name: entry.name,
        values: entry.kind == .float ? .floats(numbers) : .floatSequences(numbers, width: width))
    case .token, .tokenSequence:
      let tokens = try tokens(owner.tokens(index), of: manifest, in: folder).tokens
      let codes = try Column<Int32>(mapping: file)
      let least = entry.kind == .token ? 0 : 1
      guard codes.allSatisfy({ $0 >= least && Int($0) <= tokens.count }) else {
        throw .damaged(path: file.path, reason: "a code has no token")
      }
      let values: Attribute.Values =
        entry.kind == .token
        ? .tokens(codes)
        : .tokenSequences(
          codes: codes, offsets: try offsets(owner.offsets(index), to: codes, manifest, in: folder))
      guard values.rowCount == rowCount else {
        throw .damaged(path: file.path, reason: "it has values for \(values.rowCount) rows")
      }
      return Attribute(name: entry.name, values: values, tokens: tokens)
    }
  }

  /// Offsets that ascend from 0 to the number of codes.
  private static func offsets(
    _ name: String, to codes: Column<Int32>, _ manifest: DatasetManifest, in folder: String
  ) throws(DataError) -> Column<Int64> {
    let file = try file(name, of: manifest, in: folder)
    let offsets = try Column<Int64>(mapping: file)
    guard offsets.first == 0, offsets.last == Int64(codes.count),
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else { throw .damaged(path: file.path, reason: "its offsets do not fit") }
    return offsets
  }
}
