extension Split {
  /// By time: training has all events before a time, validation asks for each user's first event
  /// from then on, test for the first one from a later time on. Nobody is trained on what comes
  /// after a target.
  ///
  /// The vocabulary is that of the training events. Events of other items are left out of
  /// histories, or are the unknown item where the dataset has one; such a target counts as a miss.
  /// Users without an event before a target have none.
  ///
  /// - Parameters:
  ///   - validationStart: In microseconds since 1970.
  ///   - testStart: Likewise, and later.
  /// - Throws: `DataError.lacks`; `.emptyPart` if no user has a target in a part, or no event is
  ///   left for training.
  public static func time(
    _ dataset: SequenceDataset, validationStart: Int64, testStart: Int64
  ) throws(DataError) -> Split {
    guard let times = dataset.times else {
      throw .lacks(path: dataset.source.name, what: "times", purpose: "a split by time")
    }
    let starts: [Part: Int64] = [.validation: validationStart, .test: testStart]
    // The vocabulary is in the order of first events: what training holds comes first.
    let known = knownItemCount(dataset, times, before: validationStart)
    var builder = TimeSplitBuilder(dataset, knownItemCount: known)
    for user in 0..<dataset.userCount {
      let range = Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
      let (trainingCount, pastCount) = (
        range.count { times[$0] < validationStart }, range.count { times[$0] < testStart }
      )
      builder.append(
        range, trainingCount: trainingCount,
        asked: [.validation: trainingCount..<pastCount, .test: pastCount..<range.count],
        targets: starts.compactMapValues { start in
          range.firstIndex { times[$0] >= start }
            .map { $0 - range.lowerBound }
        },
        isTarget: { part, place in part == .test || times[range.lowerBound + place] < testStart })
    }
    guard known > 0 else {
      throw .emptyPart(path: dataset.source.name, part: "training", split: .time)
    }
    var split = builder.split(
      named: "time, validation from \(validationStart), test from \(testStart)")
    split.starts = starts
    split.untoldEventCount = dataset.eventCount - split.dataset.eventCount
    try split.requireTargets(.time)
    return split
  }

  /// The time of the first event after a share, from 0 to 1, of all events.
  ///
  /// - Throws: `DataError.lacks`.
  public static func time(
    of dataset: SequenceDataset, afterShare share: Double
  ) throws(DataError) -> Int64 {
    guard let times = dataset.times else {
      throw .lacks(path: dataset.source.name, what: "times", purpose: "a split by time")
    }
    let sorted = times.sorted()
    return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
  }

  /// Training events that are later than the median test target: what a model is told of the future
  /// of half the users it is asked for. Nil for a log without times.
  public var leakedEventCount: Int? {
    guard let times = dataset.times else { return nil }
    let targets = users(of: .test).map { times[targetPlace(of: Int($0), for: .test)] }.sorted()
    guard let median = targets.isEmpty ? nil : targets[(targets.count - 1) / 2] else { return nil }
    return (0..<dataset.userCount).reduce(0) { sum, user in
      sum + training(of: user).indices.count { times[$0] > median }
    }
  }

  /// V of the training part: items are numbered in the order of their first events, so that it is the
  /// greatest index among the training events.
  private static func knownItemCount(
    _ dataset: SequenceDataset, _ times: Column<Int64>, before start: Int64
  ) -> Int {
    zip(dataset.items, times).reduce(0) { greatest, event in
      let isNamed = event.0 <= dataset.itemCount
      return isNamed && event.1 < start ? max(greatest, Int(event.0)) : greatest
    }
  }
}

/// Gathers the users of a split by time under the vocabulary of its training part.
private struct TimeSplitBuilder {
  private let dataset: SequenceDataset
  private let vocabulary: Vocabulary
  /// The events that stay, by their places in the dataset, and their items.
  private var kept: [Int] = []
  private var items: [Int32] = []
  private var offsets: [Int64] = [0]
  private var trainingLengths: [Int32] = []
  private var places: [Split.Part: [Int32]] = [.validation: [], .test: []]
  private var askedRanges: [Split.Part: [Range<Int32>]] = [.validation: [], .test: []]
  private var coldCounts: [Split.Part: Int] = [:]

  init(_ dataset: SequenceDataset, knownItemCount: Int) {
    self.dataset = dataset
    vocabulary = dataset.vocabulary.prefix(knownItemCount)
  }

  /// - Parameters:
  ///   - range: The places of a user's events.
  ///   - trainingCount: How many of them, from the first, are for training.
  ///   - asked: Which of them a part is about.
  ///   - targets: Which of them a part may ask for.
  ///   - isTarget: Whether the part does.
  mutating func append(
    _ range: Range<Int>, trainingCount: Int, asked: [Split.Part: Range<Int>],
    targets: [Split.Part: Int], isTarget: (Split.Part, Int) -> Bool
  ) {
    // Places of the events among those that stay.
    var newPlaces: [Int32] = []
    var count: Int32 = 0
    for place in range {
      newPlaces.append(count)
      if let item = known(dataset.items[place]) ?? vocabulary.unknown {
        kept.append(place)
        items.append(item)
        count += 1
      }
    }
    newPlaces.append(count)
    offsets.append(Int64(items.count))
    trainingLengths.append(newPlaces[trainingCount])
    for (part, range) in asked {
      askedRanges[part]?.append(newPlaces[range.lowerBound]..<newPlaces[range.upperBound])
    }
    for part in Split.Part.allCases {
      var place: Int32 = -1
      if let target = targets[part], isTarget(part, target), newPlaces[target] > 0 {
        if known(dataset.items[range.lowerBound + target]) != nil {
          place = newPlaces[target]
        } else {
          coldCounts[part, default: 0] += 1
        }
      }
      places[part]?.append(place)
    }
  }

  /// The item, if training tells it.
  private func known(_ item: Int32) -> Int32? { item <= vocabulary.count ? item : nil }

  func split(named name: String) -> Split {
    var known = SequenceDataset(
      events: dataset.events.selecting(kept, items: items), offsets: Column(offsets),
      users: dataset.users, vocabulary: vocabulary, types: dataset.types,
      features: dataset.features, source: dataset.source)
    known.userAttributes = dataset.userAttributes
    known.itemAttributes = dataset.itemAttributes?.prefix(vocabulary.count)
    return Split(
      known, name: name, trainingLengths: trainingLengths, targetPlaces: places,
      askedRanges: askedRanges, coldTargetCounts: coldCounts)
  }
}
