extension DatasetFolder {
  /// Maps a dataset folder.
  ///
  /// Every file is read once to check its hash.
  ///
  /// - Throws: `DataError.missingFile`, `.unreadable`, and `.damaged` where a file is not what the
  ///   manifest says.
  static func mapped(_ path: String) throws(DataError) -> (
    dataset: SequenceDataset, manifest: DatasetManifest
  ) {
    let manifest = try DatasetManifest(folder: path)
    let offsets = try Column<Int64>(mapping: file(offsets, of: manifest, in: path))
    let items = try Column<Int32>(mapping: file(items, of: manifest, in: path))
    let times =
      manifest.files[self.times] == nil
      ? nil : try Column<Int64>(mapping: file(self.times, of: manifest, in: path))
    let users = try tokens(userTokens, of: manifest, in: path)
    let vocabulary = try tokens(itemTokens, of: manifest, in: path)
    try check(offsets, items, userCount: users.count, itemCount: vocabulary.count, path)
    var source = manifest.source
    source.hash = manifest.contentHash
    return (
      SequenceDataset(
        items: items, offsets: offsets, times: times, users: users,
        vocabulary: Vocabulary(tokens: vocabulary),
        source: source), manifest
    )
  }

  /// A file whose size and hash are those of the manifest.
  private static func file(
    _ name: String, of manifest: DatasetManifest, in folder: String
  ) throws(DataError) -> MappedFile {
    let path = "\(folder)/\(name)"
    guard let entry = manifest.files[name] else {
      throw .damaged(path: folder, reason: "its manifest does not name \(name)")
    }
    let file = try MappedFile(path: path)
    guard file.bytes.count == entry.bytes else {
      throw .damaged(
        path: path, reason: "it has \(file.bytes.count) bytes, and should have \(entry.bytes)")
    }
    guard file.hash.text == entry.hash else {
      throw .damaged(path: path, reason: "its bytes are not those that were written")
    }
    return file
  }

  private static func tokens(
    _ name: String, of manifest: DatasetManifest, in folder: String
  ) throws(DataError) -> TokenTable {
    let file = try file(name, of: manifest, in: folder)
    var table = TokenTable()
    var start = 0
    while start < file.bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: file.bytes[start...])
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
        throw .damaged(path: file.path, reason: "its last line has no end")
      }
      let expected = table.count
      let token = UnsafeRawBufferPointer(rebasing: rest[..<end])
      guard Int(table.intern(token)) == expected else {
        throw .damaged(path: file.path, reason: "line \(expected + 1) repeats an earlier one")
      }
      start += end + 1
    }
    return table
  }

  /// Offsets must rise from 0 to the number of items, and items lie in the vocabulary: what the
  /// rest relies on without looking.
  private static func check(
    _ offsets: Column<Int64>, _ items: Column<Int32>, userCount: Int, itemCount: Int,
    _ path: String
  ) throws(DataError) {
    let least = Int64(SequenceDataset.minimumEventCount)
    let isRising = zip(offsets, offsets.dropFirst()).allSatisfy { $1 >= $0 && $1 - $0 >= least }
    guard userCount >= 1, offsets.count == userCount + 1, offsets[0] == 0, isRising,
      offsets[userCount] == Int64(items.count)
    else { throw .damaged(path: "\(path)/\(self.offsets)", reason: "its offsets do not fit") }
    guard items.allSatisfy({ $0 >= 1 && Int($0) <= itemCount }) else {
      throw .damaged(path: "\(path)/\(self.items)", reason: "an item lies outside the vocabulary")
    }
  }
}

extension DatasetManifest {
  /// What scores on this dataset are compared by: a hash over all its files.
  var contentHash: String {
    var hash = ContentHash()
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      var line = "\(name) \(file.hash)\n"
      line.withUTF8 { hash.update(UnsafeRawBufferPointer($0)) }
    }
    return hash.text
  }
}
