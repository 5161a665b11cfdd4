extension DatasetFolder {
  /// Writes what a preparation has left.
  ///
  /// - Throws: `DataError.noUsersLeft`, `.cannotWrite`, `.readFailed`.
  static func write(
    _ preparation: borrowing Preparation, of stream: borrowing InteractionStream,
    version: String, to path: String
  ) throws(DataError) -> DatasetManifest {
    let order = try preparation.vocabularyOrder()
    let vocabulary = VocabularyIndices(order, tokenCount: stream.items.count)
    var manifest: DatasetManifest?
    try create(path) { (folder) throws(DataError) in
      var files: [String: DatasetManifest.File] = [:]
      let counts = try writeColumns(
        preparation, vocabulary, hasTypes: stream.eventTypes.count > 0, folder, &files)
      guard !counts.users.isEmpty else {
        throw .noUsersLeft(
          path: stream.path, leftOut: preparation.report.readUserCount,
          minimum: SequenceDataset.minimumEventCount)
      }
      files[userTokens] = try TokenFile.write(
        stream.users, order: counts.users, to: "\(folder)/\(userTokens)")
      files[itemTokens] = try TokenFile.write(
        stream.items, order: order, to: "\(folder)/\(itemTokens)")
      if stream.eventTypes.count > 0 {
        files[typeTokens] = try TokenFile.write(
          stream.eventTypes, order: 0..<Int32(stream.eventTypes.count),
          to: "\(folder)/\(typeTokens)")
      }
      let written = DatasetManifest(
        clseqVersion: version,
        source: preparation.source(
          of: stream, keptUsers: counts.users.count, keptEvents: counts.events),
        rules: preparation.rules, report: preparation.report, userCount: counts.users.count,
        itemCount: order.count, eventCount: counts.events, files: files)
      var writer = try FileWriter(path: "\(folder)/\(DatasetManifest.fileName)")
      try writer.append(try written.text())
      try writer.finish()
      manifest = written
    }
    return manifest!
  }

  /// Writes the columns, user by user. Returns the users that are in, and their events.
  private static func writeColumns(
    _ preparation: borrowing Preparation, _ vocabulary: VocabularyIndices, hasTypes: Bool,
    _ folder: String, _ files: inout [String: DatasetManifest.File]
  ) throws(DataError) -> (users: [Int32], events: Int) {
    var offsetColumn = try ColumnWriter<Int64>(path: "\(folder)/\(offsets)")
    var itemColumn = try ColumnWriter<Int32>(path: "\(folder)/\(items)")
    var timeColumn = try ColumnWriter<Int64>(path: "\(folder)/\(times)")
    var typeColumn = try ColumnWriter<Int32>(path: "\(folder)/\(types)")
    let hasTimes = preparation.hasTimes
    var users: [Int32] = []
    var eventCount = 0
    for partition in 0..<preparation.partitionCount {
      for events in preparation.users(
        in: try preparation.events(of: partition), withAtLeast: SequenceDataset.minimumEventCount)
      {
        try offsetColumn.append(Int64(eventCount))
        for event in events {
          try itemColumn.append(vocabulary[event.item])
          if hasTimes { try timeColumn.append(event.time) }
          if hasTypes { try typeColumn.append(event.type) }
        }
        users.append(events[events.startIndex].user)
        eventCount += events.count
      }
    }
    try offsetColumn.append(Int64(eventCount))
    files[offsets] = try offsetColumn.finish()
    files[items] = try itemColumn.finish()
    if hasTimes { files[times] = try timeColumn.finish() }
    if hasTypes { files[types] = try typeColumn.finish() }
    return (users, eventCount)
  }
}
