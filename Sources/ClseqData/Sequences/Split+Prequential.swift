extension SequenceDataset {
  /// The events before a moment, under the vocabulary of those events.
  ///
  /// - Parameters:
  ///   - moment: In microseconds since 1970.
  ///   - start: Events from then on count as added (``EventColumns/additions``); nil where nothing is
  ///     distinguished.
  /// - Returns: Nil where there are none.
  package func past(before moment: Int64, addedFrom start: Int64?) -> SequenceDataset? {
    guard let times else { return nil }
    let past = keeping { places in places.lowerBound..<times.firstPlace(in: places, from: moment) }
    guard let past else { return nil }
    let count = Int32(itemCount)
    let known = past.items.reduce(0) { $1 <= count ? max($0, $1) : $0 }
    guard known > 0 else { return nil }
    let vocabulary = vocabulary.prefix(Int(known))
    var events = past.events
    if let unknown = vocabulary.unknown { events.items = events.items.capped(at: unknown) }
    events.additions = start.flatMap { start in
      events.times.map { times in Column(times.map { $0 >= start }) }
    }
    var source = source
    source.reading?.extends = nil
    var dataset = SequenceDataset(
      events: events, offsets: past.offsets, users: past.users, vocabulary: vocabulary,
      types: types, features: features, source: source)
    dataset.userAttributes = past.userAttributes
    dataset.itemAttributes = past.itemAttributes?.prefix(vocabulary.count)
    return dataset
  }
}

extension Split {
  /// For a model that is scored on what comes later: of each user the last event is the validation target,
  /// and all before it are for training. There is no other test.
  ///
  /// - Parameters:
  ///   - past: The events that are known.
  ///   - name: The split's name in passports.
  package static func untilNow(_ past: SequenceDataset, name: String) -> Split {
    let least = SequenceDataset.minimumEventCount
    return Split(
      past, name: name,
      trainingLength: { user in
        let count = past[user].count
        return count < least ? count : count - 1
      },
      targetPlace: { user, _ in
        let count = past[user].count
        return count < least ? -1 : count - 1
      })
  }
}
