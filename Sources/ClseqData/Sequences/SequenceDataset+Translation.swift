extension SequenceDataset {
  /// The same events under another vocabulary, such as that of a model trained on other data.
  ///
  /// Events of items that are not in the vocabulary become the unknown item, if it has one. Otherwise
  /// they are left out, and so are users with too few remaining events; `source` counts both.
  ///
  /// - Parameters:
  ///   - vocabulary: The vocabulary of the result.
  ///   - leastUserEvents: The minimum events of a kept user, at least 1.
  /// - Throws: `DataError.noUsersLeft`.
  public func translated(
    to vocabulary: Vocabulary, leastUserEvents: Int = minimumEventCount
  ) throws(DataError) -> SequenceDataset {
    let indices = (0...itemCount + 1).map { index in
      let isNamed = index >= 1 && index <= itemCount
      return (isNamed ? vocabulary.index(of: self.vocabulary[index]) : nil) ?? vocabulary.unknown
    }
    var places: [Int] = []
    var offsets: [Int64] = [0]
    var kept: [Int32] = []
    for user in 0..<userCount {
      let known = self[user].indices.filter { indices[Int(items[$0])] != nil }
      guard known.count >= leastUserEvents else { continue }
      places += known
      offsets.append(Int64(places.count))
      kept.append(Int32(user))
    }
    if kept.isEmpty {
      throw .noUsersLeft(
        path: source.name, leftOut: source.userCount, minimum: leastUserEvents)
    }
    var source = source
    source.leftOutUserCount = source.userCount - kept.count
    source.leftOutEventCount = source.eventCount - places.count
    var dataset = SequenceDataset(
      events: events.selecting(places, items: places.compactMap { indices[Int(items[$0])] }),
      offsets: Column(offsets), users: users.reordered(kept), vocabulary: vocabulary, types: types,
      features: features, source: source)
    dataset.userAttributes = userAttributes?.selecting(kept)
    dataset.itemAttributes = itemAttributes?.selecting(rows(of: vocabulary))
    if let unknown = vocabulary.unknown, dataset.items.contains(unknown) {
      dataset.foreignItems = ForeignItems(
        items: Column(places.map { items[$0] }), vocabulary: self.vocabulary)
    }
    return dataset
  }

  /// The index of each item of another vocabulary here; -1 for an unknown one.
  private func rows(of vocabulary: Vocabulary) -> [Int32] {
    (0..<vocabulary.count).map { (self.vocabulary.index(of: vocabulary[$0 + 1]) ?? 0) - 1 }
  }
}
