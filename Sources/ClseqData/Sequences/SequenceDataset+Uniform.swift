import ClseqBase

extension SequenceDataset {
  /// Users who all have `length` events with items drawn uniformly: for measurements that
  /// depend only on the sizes.
  ///
  /// - Parameters:
  ///   - userCount: The number of users, at least 1.
  ///   - length: The events of each user, at least ``minimumEventCount``.
  ///   - itemCount: V; the vocabulary has all of 1…V, drawn or not.
  ///   - seed: The seed of the items.
  package init(uniform userCount: Int, length: Int, itemCount: Int, seed: UInt64) {
    precondition(
      userCount >= 1 && length >= Self.minimumEventCount && itemCount >= 1,
      "uniform dataset: \(userCount) users, \(length) events, \(itemCount) items")
    let random = CounterRandom(seed: seed, 0x756E_6966_6F72_6D00)
    let items = (0..<userCount * length).map {
      Int32(1 + random.integer(below: itemCount, UInt64($0)))
    }
    self.init(
      events: EventColumns(items: Column(items)),
      offsets: Column((0...userCount).map { Int64($0 * length) }),
      users: TokenTable(numbersUpTo: userCount),
      vocabulary: Vocabulary(tokens: TokenTable(numbersUpTo: itemCount)),
      source: DataSource(
        name: "uniform", format: .sequences, hash: "none", tieRule: "drawn order",
        userCount: userCount, eventCount: items.count, itemCount: itemCount, leftOutUserCount: 0,
        leftOutEventCount: 0))
  }

  /// The same with made-up labels, 0 and 1 in turn over the events of a user: for measurements that depend
  /// only on the sizes. The last events of neighbouring users differ, so that two users are enough for both
  /// labels in each part of a split.
  package func withAlternateLabels() -> SequenceDataset {
    var labels = [Double](repeating: 0, count: eventCount)
    for user in 0..<userCount {
      for (number, place) in places(of: user).reversed().enumerated() {
        labels[place] = Double((user + number) % 2)
      }
    }
    var dataset = self
    dataset.events.labels = Column(labels)
    return dataset
  }
}

extension TokenTable {
  /// The tokens "1" … "count".
  init(numbersUpTo count: Int) {
    self.init()
    for number in 1...count {
      Array("\(number)".utf8).withUnsafeBytes { _ = intern($0) }
    }
  }
}
