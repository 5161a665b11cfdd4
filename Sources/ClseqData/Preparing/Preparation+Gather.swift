extension Preparation {
  /// Items that are left, as token indices: in the order of their first event by time, ties by
  /// place in the log. Item v of the vocabulary is the one at place v - 1.
  func vocabularyOrder() throws(DataError) -> [Int32] {
    var first = [(time: Int64, row: UInt32)](
      repeating: (.max, .max), count: report.readItemCount)
    for partition in 0..<partitionCount {
      for event in try events(of: partition) where (event.time, event.row) < first[Int(event.item)]
      {
        first[Int(event.item)] = (event.time, event.row)
      }
    }
    return first.indices.filter { itemCounts[$0] > 0 }
      .sorted { first[$0] < first[$1] }
      .map { Int32($0) }
  }

  /// The users of a partition who have at least `least` events, each with the events in order.
  /// Users stand in the order in which the log first names them.
  func users(in events: [SpooledEvent], withAtLeast least: Int) -> [ArraySlice<SpooledEvent>] {
    var users: [ArraySlice<SpooledEvent>] = []
    var start = 0
    while start < events.count {
      let end = start + Int(userCounts[Int(events[start].user)])
      if end - start >= least { users.append(events[start..<end]) }
      start = end
    }
    return users
  }

  /// Where the data came from, when these users and events of it are kept.
  func source(
    of stream: borrowing InteractionStream, keptUsers: Int, keptEvents: Int
  ) -> DataSource {
    let cleanedUsers = userCounts.count { $0 > 0 }
    return DataSource(
      name: stream.path.split(separator: "/").last.map(String.init) ?? stream.path,
      format: stream.format, hash: stream.hash.text, tieRule: "file order",
      userCount: report.readUserCount, eventCount: report.readEventCount,
      itemCount: report.readItemCount, leftOutUserCount: cleanedUsers - keptUsers,
      leftOutEventCount: report.keptEventCount - keptEvents)
  }

  /// The dataset in memory.
  ///
  /// - Throws: `DataError.noUsersLeft`.
  func dataset(of stream: borrowing InteractionStream) throws(DataError) -> SequenceDataset {
    let order = try vocabularyOrder()
    let vocabulary = VocabularyIndices(order, tokenCount: stream.items.count)
    var (items, offsets, users): ([Int32], [Int64], [Int32]) = ([], [0], [])
    var times: [Int64] = []
    for partition in 0..<partitionCount {
      for events in self.users(
        in: try events(of: partition), withAtLeast: SequenceDataset.minimumEventCount)
      {
        for event in events {
          items.append(vocabulary[event.item])
          if hasTimes { times.append(event.time) }
        }
        offsets.append(Int64(items.count))
        users.append(events[events.startIndex].user)
      }
    }
    if users.isEmpty {
      throw .noUsersLeft(
        path: stream.path, leftOut: report.readUserCount,
        minimum: SequenceDataset.minimumEventCount)
    }
    return SequenceDataset(
      items: Column(items), offsets: Column(offsets), times: hasTimes ? Column(times) : nil,
      users: stream.users.reordered(users),
      vocabulary: Vocabulary(tokens: stream.items.reordered(order)),
      source: source(of: stream, keptUsers: users.count, keptEvents: items.count))
  }
}

/// The vocabulary index, 1…V, of each item token; 0 for items that are not in it.
struct VocabularyIndices {
  private var indices: [Int32]

  init(_ order: [Int32], tokenCount: Int) {
    indices = [Int32](repeating: 0, count: tokenCount)
    for (position, item) in order.enumerated() { indices[Int(item)] = Int32(position + 1) }
  }

  subscript(item: Int32) -> Int32 { indices[Int(item)] }
}
