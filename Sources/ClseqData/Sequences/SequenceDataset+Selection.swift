import ClseqBase

extension SequenceDataset {
  /// A dataset of copies of one user of this one: the whole user, and the user without one event each.
  ///
  /// User 0 is the whole user, user 1 + i the user without the event `places[i]`. Their tokens are numbers.
  ///
  /// - Parameters:
  ///   - user: From 0.
  ///   - places: Places among the dataset's events, of a user with other events.
  package func leavingOut(_ places: [Int], of user: Int) -> SequenceDataset {
    let whole = Int(offsets[user])..<Int(offsets[user + 1])
    precondition(
      places.allSatisfy(whole.contains) && (places.isEmpty || whole.count > 1),
      "leavingOut: places \(places) of a user's \(whole)")
    let variants = [Array(whole)] + places.map { place in whole.filter { $0 != place } }
    let kept = variants.flatMap { $0 }
    var offsets: [Int64] = [0]
    for variant in variants { offsets.append(offsets[offsets.count - 1] + Int64(variant.count)) }
    var dataset = SequenceDataset(
      events: events.selecting(kept, items: kept.map { items[$0] }), offsets: Column(offsets),
      users: TokenTable(numbersUpTo: variants.count), vocabulary: vocabulary, types: types,
      features: features, source: source)
    let row = Int32(user)
    dataset.userAttributes = userAttributes?.selecting(variants.map { _ in row })
    dataset.itemAttributes = itemAttributes
    return dataset
  }
}

extension SequenceDataset {
  /// The first events of each user; users without a remaining event are left out.
  ///
  /// - Parameter kept: The places of a user's events that are kept, from the first.
  /// - Returns: Nil if nothing remains.
  package func keeping(_ kept: (Range<Int>) -> Range<Int>) -> SequenceDataset? {
    var places: [Int] = []
    var offsets: [Int64] = [0]
    var users: [Int32] = []
    for user in 0..<userCount {
      let stay = kept(Int(self.offsets[user])..<Int(self.offsets[user + 1]))
      guard !stay.isEmpty else { continue }
      places += stay
      offsets.append(Int64(places.count))
      users.append(Int32(user))
    }
    guard !users.isEmpty else { return nil }
    var dataset = SequenceDataset(
      events: events.selecting(places, items: places.map { items[$0] }),
      offsets: Column(offsets), users: self.users.reordered(users), vocabulary: vocabulary,
      types: types, features: features, source: source)
    dataset.userAttributes = userAttributes?.selecting(users)
    dataset.itemAttributes = itemAttributes
    return dataset
  }

  /// The first whole second after the last event, in microseconds since 1970; later events are unknown.
  /// Nil without times.
  package var momentAfterLastEvent: Int64? {
    times?.max().map { last in
      let second: Int64 = 1_000_000
      let rest = last % second
      return last - (rest < 0 ? rest + second : rest) + second
    }
  }
}

extension SequenceDataset {
  /// A dataset of one user with a history of items and, if given, the types of the events.
  ///
  /// - Parameters:
  ///   - history: Items as indices of the vocabulary, at least one.
  ///   - types: The type of each event; nil if they are unknown.
  package init(history: [Int32], types names: [String]? = nil, vocabulary: Vocabulary) {
    precondition(
      !history.isEmpty && names.map { $0.count == history.count } ?? true,
      "history of \(history.count) items, \(names?.count ?? 0) types")
    var events = EventColumns(items: Column(history))
    var types: TokenTable?
    if let names {
      var table = TokenTable()
      events.types = Column(names.map { Array($0.utf8).withUnsafeBytes { table.intern($0) } })
      types = table
    }
    self.init(
      events: events, offsets: Column([0, Int64(history.count)]),
      users: TokenTable(numbersUpTo: 1), vocabulary: vocabulary, types: types,
      source: DataSource(
        name: "history", format: .sequences, hash: "none", tieRule: "as written", userCount: 1,
        eventCount: history.count, itemCount: Set(history).count, leftOutUserCount: 0,
        leftOutEventCount: 0))
  }
}

extension SequenceDataset {
  /// A dataset of stretches of users' events, each a user of its own, with the events in a random order at the times
  /// that there were: which events there are and when something happened stays, their order does not.
  ///
  /// - Parameters:
  ///   - stretches: The user of each, from 0, and the places of its events, of which there is at least one.
  ///   - seed: The order of a stretch follows from it, the user and the first place.
  package func shuffling(
    _ stretches: [(user: Int, events: Range<Int>)], seed: UInt64
  ) -> SequenceDataset {
    var (kept, places, offsets): ([Int], [Int], [Int64]) = ([], [], [0])
    for (user, events) in stretches {
      let draws = CounterRandom(
        seed: seed, Self.orders, UInt64(user), UInt64(events.lowerBound - Int(self.offsets[user])))
      kept += events
      places += draws.permutation(count: events.count).map { events.lowerBound + Int($0) }
      offsets.append(Int64(kept.count))
    }
    var shuffled = events.selecting(places, items: places.map { items[$0] })
    shuffled.times = times.map { times in Column(kept.map { times[$0] }) }
    var dataset = SequenceDataset(
      events: shuffled, offsets: Column(offsets), users: TokenTable(numbersUpTo: stretches.count),
      vocabulary: vocabulary, types: types, features: features, source: source)
    dataset.userAttributes = userAttributes?.selecting(stretches.map { Int32($0.user) })
    dataset.itemAttributes = itemAttributes
    return dataset
  }

  /// Names the stream of random numbers ("orders" in ASCII).
  private static let orders: UInt64 = 0x6F_7264_6572_73
}
