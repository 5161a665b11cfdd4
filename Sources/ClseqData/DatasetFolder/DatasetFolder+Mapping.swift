import ClseqBase

extension DatasetFolder {
  /// Maps a dataset folder.
  ///
  /// Every file is read once to check its hash.
  ///
  /// - Throws: `DataError.missingFile`, `.unreadable`, and `.damaged` if a file is not as in
  ///   the manifest.
  static func mapped(_ path: String) throws(DataError) -> (
    dataset: SequenceDataset, manifest: DatasetManifest
  ) {
    let manifest = try DatasetManifest(folder: path)
    let offsets: Column<Int64> = try required(offsets, of: manifest, in: path)
    var events = EventColumns(items: try required(items, of: manifest, in: path))
    events.times = try column(times, of: manifest, in: path)
    events.types = try column(types, of: manifest, in: path)
    events.sessions = try column(sessions, of: manifest, in: path)
    events.labels = try column(labels, of: manifest, in: path)
    for index in manifest.features.indices {
      events.features.append(try required(feature(index), of: manifest, in: path))
    }
    let users = try tokens(userTokens, of: manifest, in: path).tokens
    let items = try tokens(itemTokens, of: manifest, in: path)
    let types = events.types == nil ? nil : try tokens(typeTokens, of: manifest, in: path).tokens
    var source = manifest.source
    source.hash = manifest.contentHash
    var dataset = SequenceDataset(
      events: events, offsets: offsets, users: users,
      vocabulary: Vocabulary(tokens: items.tokens, hasUnknown: items.endsBlank), types: types,
      features: manifest.features, source: source)
    try check(dataset, path)
    dataset.userAttributes = try attributes(of: .user, rowCount: users.count, manifest, in: path)
    dataset.itemAttributes = try attributes(
      of: .item, rowCount: dataset.itemCount, manifest, in: path)
    return (dataset, manifest)
  }

  /// A column, if the manifest names it.
  private static func column<Element>(
    _ name: String, of manifest: DatasetManifest, in folder: String
  ) throws(DataError) -> Column<Element>? {
    guard manifest.files[name] != nil else { return nil }
    return try required(name, of: manifest, in: folder)
  }

  private static func required<Element>(
    _ name: String, of manifest: DatasetManifest, in folder: String
  ) throws(DataError) -> Column<Element> {
    try Column(mapping: file(name, of: manifest, in: folder))
  }

  /// A file whose size and hash are those of the manifest.
  static func file(
    _ name: String, of manifest: DatasetManifest, in folder: String
  ) throws(DataError) -> MappedFile {
    let path = "\(folder)/\(name)"
    guard let entry = manifest.files[name] else {
      throw .damaged(path: folder, reason: "its manifest does not name \(name)")
    }
    let file = try MappedFile(path: path)
    guard file.bytes.count == entry.bytes else {
      throw .damaged(
        path: path, reason: "it has \(file.bytes.count) bytes and should have \(entry.bytes)")
    }
    guard file.hash.text == entry.hash else {
      throw .damaged(path: path, reason: "its bytes are not those that were written")
    }
    return file
  }

  /// The tokens of a file, which are distinct, and whether a blank line follows the last.
  static func tokens(
    _ name: String, of manifest: DatasetManifest, in folder: String
  ) throws(DataError) -> (tokens: TokenTable, endsBlank: Bool) {
    let file = try file(name, of: manifest, in: folder)
    let newline = UInt8(ascii: "\n")
    var table = TokenTable()
    table.reserve(
      count: file.bytes.reduce(0) { $1 == newline ? $0 + 1 : $0 }, byteCount: file.bytes.count)
    var (start, endsBlank) = (0, false)
    while start < file.bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: file.bytes[start...])
      guard let end = rest.firstIndex(of: newline) else {
        throw .damaged(path: file.path, reason: "its last line has no line feed")
      }
      if end == 0 && rest.count == 1 {
        endsBlank = true
        break
      }
      let token = UnsafeRawBufferPointer(rebasing: rest[..<end])
      guard !token.isEmpty, TextCheck.firstFault(in: token) == nil else {
        throw .damaged(path: file.path, reason: "line \(table.count + 1) is not a token")
      }
      table.appendUnseen(token)
      start += end + 1
    }
    if let place = table.finish() {
      throw .damaged(path: file.path, reason: "line \(place + 1) repeats an earlier one")
    }
    return (table, endsBlank)
  }

  /// Checks that offsets ascend from 0 to the number of events, that each column has one element per
  /// event, and that items, types and sessions are in their bounds. Other code relies on this.
  private static func check(_ dataset: SequenceDataset, _ path: String) throws(DataError) {
    let (offsets, events) = (dataset.offsets, dataset.events)
    // From 0 on no difference overflows.
    guard dataset.users.count >= 1, offsets.count == dataset.users.count + 1, offsets[0] == 0,
      zip(offsets, offsets.dropFirst()).allSatisfy({ $1 >= $0 && $1 - $0 >= 1 }),
      offsets[offsets.count - 1] == Int64(events.items.count)
    else { throw .damaged(path: "\(path)/\(self.offsets)", reason: "its offsets do not fit") }
    let counts: [(name: String, count: Int?)] =
      [
        (times, events.times?.count), (types, events.types?.count),
        (sessions, events.sessions?.count), (labels, events.labels?.count),
      ] + events.features.enumerated().map { (feature($0), $1.count) }
    for (name, count) in counts where count != nil && count != events.items.count {
      throw .damaged(path: "\(path)/\(name)", reason: "it does not have one number per event")
    }
    let rowCount = dataset.vocabulary.rowCount
    guard events.items.allSatisfy({ $0 >= 1 && Int($0) < rowCount }) else {
      throw .damaged(path: "\(path)/\(items)", reason: "an item is outside the vocabulary")
    }
    guard events.times?.allSatisfy(CivilTime.range.contains) ?? true else {
      throw .damaged(path: "\(path)/\(times)", reason: "its times do not fit")
    }
    let typeCount = dataset.types?.count ?? 0
    guard events.types?.allSatisfy({ $0 >= -1 && Int($0) < typeCount }) ?? true else {
      throw .damaged(path: "\(path)/\(types)", reason: "an event type has no name")
    }
    if let numbers = events.sessions, !areNumberedAsTheyBegin(numbers, of: dataset) {
      throw .damaged(path: "\(path)/\(sessions)", reason: "its sessions are not numbered in order")
    }
  }
}

extension DatasetFolder {
  /// Whether each user's sessions have the numbers 0, 1, … in the order in which they begin.
  private static func areNumberedAsTheyBegin(
    _ sessions: Column<Int32>, of dataset: SequenceDataset
  ) -> Bool {
    (0..<dataset.userCount).allSatisfy { user in
      var next = 0
      return dataset[user].indices.allSatisfy { place in
        guard (0...next).contains(Int(sessions[place])) else { return false }
        if Int(sessions[place]) == next { next += 1 }
        return true
      }
    }
  }
}

extension DatasetManifest {
  /// The hash by which scores on this dataset are compared, over all its files except those of
  /// attributes, which change neither events nor targets.
  var contentHash: String {
    var hash = ContentHash()
    for (name, file) in files.sorted(by: { $0.key < $1.key }) where !AttributeOwner.owns(name) {
      var line = "\(name) \(file.hash)\n"
      line.withUTF8 { hash.update(UnsafeRawBufferPointer($0)) }
    }
    return hash.text
  }
}
