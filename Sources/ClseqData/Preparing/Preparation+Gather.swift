import ClseqBase

extension Preparation {
  /// The remaining items that keep their ids, as token indices: in the order of their first event by
  /// time, ties by place in the log. Item v of the vocabulary is the one at place v - 1.
  ///
  /// Of several logs the vocabulary of the first ones, with the users that have enough events there, comes
  /// first, and all items of a dataset.
  private func vocabularyOrder() throws(DataError) -> [Int32] {
    var first = [(log: Int, time: Int64, row: UInt32)](
      repeating: (.max, .max, .max), count: report.readItemCount)
    for partition in 0..<partitionCount {
      for events in users(in: try events(of: partition)) {
        let ready = firstLog(withEnoughOf: events)
        for event in events {
          let key = (
            log: max(ready, logs.place(ofRow: event.row)), time: event.time, row: event.row
          )
          if key < first[Int(event.item)] { first[Int(event.item)] = key }
        }
      }
    }
    let fixed = base?.itemCount ?? 0
    return (0..<Int32(fixed))
      + first.indices.dropFirst(fixed).filter { isNamed($0) }
      .sorted { first[$0] < first[$1] }
      .map { Int32($0) }
  }

  /// The first log with which a user has enough events.
  private func firstLog(withEnoughOf events: ArraySlice<SpooledEvent>) -> Int {
    guard logs.count > 1 else { return 0 }
    let order = events.map { logs.place(ofRow: $0.row) }.sorted()
    return order[max(1, rules.leastUserEvents) - 1]
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
    keptUsers: Int, keptEvents: Int, _ extent: ReadingReport.Extension?
  ) -> DataSource {
    let cleanedUsers = userCounts.count { $0 > 0 }
    let log = logs[logs.count - 1]
    var source = DataSource(
      name: log.name, format: log.format, hash: DataSource.hash(ofLogs: logs.map(\.hash)),
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
      reading.extends = extent
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
    in folder: String?,
    _ files: inout [String: DatasetManifest.File]
  ) throws(DataError) -> SequenceDataset {
    let order = try vocabularyOrder()
    let vocabulary = Vocabulary(tokens: tokens.items.reordered(order), hasUnknown: hasUnknown)
    let indices = VocabularyIndices(order, tokenCount: tokens.items.count)
    let types = tokens.eventTypes.count > 0 ? tokens.eventTypes : nil
    var columns = try DatasetColumns(
      DatasetColumns.Layout(
        hasTimes: hasTimes, hasTypes: types != nil, sessionGap: sessionGap,
        details: detailLayout, features: features,
        lastLog: logs.count > 1
          ? (logs[logs.count - 2].lastRow, logs[logs.count - 2].latestTime) : nil),
      in: folder)
    for partition in 0..<partitionCount {
      let rows = try rows(of: partition)
      for events in users(in: try events(of: partition)) {
        try columns.append(events, indices, rows)
      }
      progress?(TaskProgress("gathering", done: columns.eventCount, of: report.keptEventCount))
    }
    if columns.users.isEmpty {
      throw .noUsersLeft(
        path: logs[logs.count - 1].path, leftOut: report.readUserCount,
        minimum: rules.leastUserEvents)
    }
    let extent = extensionReport(added: columns.added, users: columns.users, items: order)
    if extent?.added == 0 {
      throw .unfit(
        path: logs[logs.count - 1].path,
        what:
          "it adds nothing: all its events that are not left out are in \(logs[0].name) already",
        expected: "a log with new events")
    }
    let (offsets, events) = try columns.finish(&files)
    var dataset = SequenceDataset(
      events: events, offsets: offsets, users: tokens.users.reordered(columns.users),
      vocabulary: vocabulary, types: types,
      features: measuredFeatures(events.features),
      source: source(keptUsers: columns.users.count, keptEvents: columns.eventCount, extent))
    dataset.keepAttributes(of: base)
    return dataset
  }

  /// The features with their statistics, or those that another dataset has.
  private func measuredFeatures(_ columns: [Column<Double>]) -> [Feature] {
    zip(features, columns).map { request, column in
      (base?.features ?? rules.features.known)?.first { $0.request == request }
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
