extension SequenceDataset {
  /// The same events under another vocabulary, as a model trained on other data knows the items.
  ///
  /// Events of items that the vocabulary lacks are left out, and so are users who then have fewer
  /// than ``minimumEventCount`` events; `source` counts both.
  ///
  /// - Throws: `DataError.noUsersLeft`.
  public func translated(to vocabulary: Vocabulary) throws(DataError) -> SequenceDataset {
    let indices = (0...itemCount).map { $0 == 0 ? nil : vocabulary.index(of: self.vocabulary[$0]) }
    var items: [Int32] = []
    var times: [Int64] = []
    var offsets: [Int64] = [0]
    var kept: [Int32] = []
    for user in 0..<userCount {
      let places = self[user].indices.filter { indices[Int(self.items[$0])] != nil }
      guard places.count >= Self.minimumEventCount else { continue }
      items += places.compactMap { indices[Int(self.items[$0])] }
      if let all = self.times { times += places.map { all[$0] } }
      offsets.append(Int64(items.count))
      kept.append(Int32(user))
    }
    if kept.isEmpty {
      throw .noUsersLeft(
        path: source.name, leftOut: source.userCount, minimum: Self.minimumEventCount)
    }
    var source = source
    source.leftOutUserCount = source.userCount - kept.count
    source.leftOutEventCount = source.eventCount - items.count
    return SequenceDataset(
      items: Column(items), offsets: Column(offsets),
      times: self.times == nil ? nil : Column(times), users: users.reordered(kept),
      vocabulary: vocabulary, source: source)
  }
}
