extension Split {
  /// By time: training has all events before a time, validation asks for each user's first event
  /// from then on, test for the first one from a later time on. Nobody is trained on what comes
  /// after a target.
  ///
  /// The vocabulary is that of the training events. Events of other items are left out of
  /// histories; such a target counts as a miss. Users without an event before a target have none.
  ///
  /// - Parameters:
  ///   - validationStart: In microseconds since 1970.
  ///   - testStart: Likewise, and later.
  /// - Throws: `DataError.noTimes`; `.emptyPart` if no user has a target in a part, or no event is
  ///   left for training.
  public static func time(
    _ dataset: SequenceDataset, validationStart: Int64, testStart: Int64
  ) throws(DataError) -> Split {
    guard let times = dataset.times else { throw .noTimes(path: dataset.source.name) }
    let starts: [Part: Int64] = [.validation: validationStart, .test: testStart]
    // The vocabulary is in the order of first events: what training holds comes first.
    let known = knownItemCount(dataset, times, before: validationStart)
    var builder = TimeSplitBuilder(knownItemCount: known)
    for user in 0..<dataset.userCount {
      let range = Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
      builder.append(
        items: range.map { dataset.items[$0] },
        trainingCount: range.count { times[$0] < validationStart },
        targets: starts.compactMapValues { start in
          range.firstIndex { times[$0] >= start }
            .map { $0 - range.lowerBound }
        },
        isTarget: { part, place in part == .test || times[range.lowerBound + place] < testStart })
    }
    guard known > 0 else { throw .emptyPart(path: dataset.source.name, part: "training") }
    for part in Part.allCases where !builder.hasTargets(part) {
      throw .emptyPart(path: dataset.source.name, part: part.rawValue)
    }
    return builder.split(
      of: dataset, name: "time, validation from \(validationStart), test from \(testStart)")
  }

  /// The time of the first event after a share, from 0 to 1, of all events.
  ///
  /// - Throws: `DataError.noTimes`.
  public static func time(
    of dataset: SequenceDataset, afterShare share: Double
  ) throws(DataError) -> Int64 {
    guard let times = dataset.times else { throw .noTimes(path: dataset.source.name) }
    let sorted = times.sorted()
    return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
  }

  /// Training events of leave-one-out that are later than the median test target: what a model is
  /// told of the future of half the users it is asked for. Nil for a log without times.
  public static func leaveOneOutLeak(of dataset: SequenceDataset) -> Int? {
    guard let times = dataset.times else { return nil }
    let targets = (0..<dataset.userCount).map { times[Int(dataset.offsets[$0 + 1]) - 1] }.sorted()
    guard let median = targets.isEmpty ? nil : targets[(targets.count - 1) / 2] else { return nil }
    return (0..<dataset.userCount).reduce(0) { sum, user in
      let training = Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1]) - 2
      return sum + training.count { times[$0] > median }
    }
  }

  /// V of the training part: items are numbered in the order of their first events, so that it is the
  /// greatest index among the training events.
  private static func knownItemCount(
    _ dataset: SequenceDataset, _ times: Column<Int64>, before start: Int64
  ) -> Int {
    zip(dataset.items, times).reduce(0) { $1.1 < start ? max($0, Int($1.0)) : $0 }
  }
}

/// Gathers the users of a split by time under the vocabulary of its training part.
private struct TimeSplitBuilder {
  let knownItemCount: Int
  private var items: [Int32] = []
  private var offsets: [Int64] = [0]
  private var trainingLengths: [Int32] = []
  private var places: [Split.Part: [Int32]] = [.validation: [], .test: []]
  private var coldCounts: [Split.Part: Int] = [:]

  init(knownItemCount: Int) { self.knownItemCount = knownItemCount }

  /// - Parameters:
  ///   - items: A user's events.
  ///   - trainingCount: How many of them, from the first, are for training.
  ///   - targets: The place of the event that a part may ask for.
  ///   - isTarget: Whether the part does.
  mutating func append(
    items: [Int32], trainingCount: Int, targets: [Split.Part: Int],
    isTarget: (Split.Part, Int) -> Bool
  ) {
    // Places of the events among those whose item is known.
    var newPlaces: [Int32] = []
    var count: Int32 = 0
    for item in items {
      newPlaces.append(count)
      if Int(item) <= knownItemCount {
        self.items.append(item)
        count += 1
      }
    }
    offsets.append(Int64(self.items.count))
    trainingLengths.append(trainingCount < items.count ? newPlaces[trainingCount] : count)
    for part in Split.Part.allCases {
      var place: Int32 = -1
      if let target = targets[part], isTarget(part, target), newPlaces[target] > 0 {
        if Int(items[target]) <= knownItemCount {
          place = newPlaces[target]
        } else {
          coldCounts[part, default: 0] += 1
        }
      }
      places[part]?.append(place)
    }
  }

  func hasTargets(_ part: Split.Part) -> Bool { places[part]?.contains { $0 >= 0 } ?? false }

  func split(of dataset: SequenceDataset, name: String) -> Split {
    let known = SequenceDataset(
      items: Column(items), offsets: Column(offsets), users: dataset.users,
      vocabulary: dataset.vocabulary.prefix(knownItemCount), source: dataset.source)
    return Split(
      known, name: name, trainingLengths: trainingLengths, targetPlaces: places,
      coldTargetCounts: coldCounts)
  }
}
