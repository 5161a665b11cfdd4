import ClseqBase

extension Preparation {
  /// The remaining items that keep their ids, as token indices: in the order of their first event by
  /// time, ties by place in the log. Item v of the vocabulary is the one at place v - 1.
  private func vocabularyOrder() throws(DataError) -> [Int32] {
    var first = [(time: Int64, row: UInt32)](
      repeating: (.max, .max), count: report.readItemCount)
    let least = Int32(clamping: rules.leastUserEvents)
    for partition in 0..<partitionCount {
      for event in try events(of: partition)
      where userCounts[Int(event.user)] >= least
        && (event.time, event.row) < first[Int(event.item)]
      {
        first[Int(event.item)] = (event.time, event.row)
      }
    }
    return first.indices.filter { isNamed($0) }
      .sorted { first[$0] < first[$1] }
      .map { Int32($0) }
  }

  /// The users of a partition who have enough events, each with the events in order. Users are in
  /// the order of their first record in the log.
  private func users(in events: [SpooledEvent]) -> [ArraySlice<SpooledEvent>] {
    var users: [ArraySlice<SpooledEvent>] = []
    var start = 0
    while start < events.count {
      let end = start + Int(userCounts[Int(events[start].user)])
      if end - start >= rules.leastUserEvents { users.append(events[start..<end]) }
      start = end
    }
    return users
  }

  /// The source of the data, with the counts of these users and events.
  private func source(
    of stream: borrowing InteractionStream, keptUsers: Int, keptEvents: Int
  ) -> DataSource {
    let cleanedUsers = userCounts.count { $0 > 0 }
    var source = DataSource(
      name: stream.path.split(separator: "/").last.map(String.init) ?? stream.path,
      format: stream.format, hash: stream.hash.text,
      tieRule: hasTimes ? "file order" : "as written, without times",
      userCount: report.readUserCount, eventCount: report.readEventCount,
      itemCount: report.readItemCount, leftOutUserCount: cleanedUsers - keptUsers,
      leftOutEventCount: report.keptEventCount - keptEvents)
    source.reading = reading.map { reading in
      var reading = reading
      for entry in report.entries + [shortUsers].compactMap({ $0 }) where entry.events > 0 {
        var leftOut = ReadingReport.LeftOut(rule: entry.rule, reason: entry.reason)
        (leftOut.events, leftOut.users, leftOut.items) = (entry.events, entry.users, entry.items)
        reading.leftOut.append(leftOut)
      }
      return reading
    }
    return source
  }

  /// The dataset: in memory, or with its columns in files that are mapped.
  ///
  /// - Parameters:
  ///   - folder: The folder of the files; nil for none.
  ///   - files: Gets the written files.
  /// - Throws: `DataError.noUsersLeft`, and the errors of reading and writing files.
  func dataset(
    of stream: borrowing InteractionStream, in folder: String?,
    _ files: inout [String: DatasetManifest.File]
  ) throws(DataError) -> SequenceDataset {
    let order = try vocabularyOrder()
    let vocabulary = Vocabulary(tokens: stream.items.reordered(order), hasUnknown: hasUnknown)
    let indices = VocabularyIndices(order, tokenCount: stream.items.count)
    let types = stream.eventTypes.count > 0 ? stream.eventTypes : nil
    var columns = try DatasetColumns(
      DatasetColumns.Layout(
        hasTimes: hasTimes, hasTypes: types != nil, sessionGap: rules.sessionGap,
        details: detailLayout, features: features), in: folder)
    for partition in 0..<partitionCount {
      let rows = try rows(of: partition)
      for events in users(in: try events(of: partition)) {
        try columns.append(events, indices, rows)
      }
      progress?(TaskProgress("gathering", done: columns.eventCount, of: report.keptEventCount))
    }
    if columns.users.isEmpty {
      throw .noUsersLeft(
        path: stream.path, leftOut: report.readUserCount,
        minimum: rules.leastUserEvents)
    }
    let (offsets, events) = try columns.finish(&files)
    return SequenceDataset(
      events: events, offsets: offsets, users: stream.users.reordered(columns.users),
      vocabulary: vocabulary, types: types,
      features: measuredFeatures(events.features),
      source: source(
        of: stream, keptUsers: columns.users.count, keptEvents: columns.eventCount))
  }

  /// The features with their statistics, or those that another dataset has.
  private func measuredFeatures(_ columns: [Column<Double>]) -> [Feature] {
    zip(features, columns).map { request, column in
      rules.features.known?.first { $0.request == request }
        ?? Feature(request, clippedShare: rules.features.clippedShare) { take in
          for number in column { take(number) }
        }
    }
  }
}

/// The vocabulary index, 1…V, of each item token; V + 1 for items that are not in it.
struct VocabularyIndices {
  private var indices: [Int32]

  init(_ order: [Int32], tokenCount: Int) {
    indices = [Int32](repeating: Int32(order.count + 1), count: tokenCount)
    for (position, item) in order.enumerated() { indices[Int(item)] = Int32(position + 1) }
  }

  subscript(item: Int32) -> Int32 { indices[Int(item)] }
}
