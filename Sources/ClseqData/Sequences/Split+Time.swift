extension Split {
  /// By time: training has all events before a time. The validation target of a user is the first event
  /// from that time on, the test target the first one from a later time on. No training event is later
  /// than a target.
  ///
  /// The vocabulary is that of the training events. Events of other items are left out of
  /// histories, or are the unknown item where the dataset has one; such a target counts as a miss.
  /// Users without an event before a target have none.
  ///
  /// - Parameters:
  ///   - dataset: The dataset.
  ///   - validationStart: In microseconds since 1970.
  ///   - testStart: Likewise, and later.
  /// - Throws: `DataError.lacks`; `.emptyPart` if no user has a target in a part, or there is no
  ///   training event.
  public static func time(
    _ dataset: SequenceDataset, validationStart: Int64, testStart: Int64
  ) throws(DataError) -> Split {
    guard let times = dataset.times else {
      throw .lacks(path: dataset.source.name, what: "times", purpose: "a split by time")
    }
    precondition(
      validationStart <= testStart, "a split by time: \(validationStart) is after \(testStart)")
    // The vocabulary is in the order of first events, so items of training come first.
    let known = knownItemCount(dataset, times, before: validationStart)
    guard known > 0 else {
      throw .emptyPart(path: dataset.source.name, part: "training", split: .time)
    }
    var split = TimeSplitter(
      dataset: dataset, times: times, validationStart: validationStart, testStart: testStart,
      knownItemCount: known
    ).split(named: "time, validation from \(validationStart), test from \(testStart)")
    split.starts = [.validation: validationStart, .test: testStart]
    split.untrainedItemEventCount = dataset.eventCount - split.dataset.eventCount
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
    let rank = min(times.count - 1, Int(share * Double(times.count)))
    guard let time = OrderStatistic.value(at: rank, of: times) else {
      throw .empty(path: dataset.source.name)
    }
    return time
  }

  /// Training events that are later than the median test target: information from the future for half
  /// of the users. Nil for a log without times.
  public var leakedEventCount: Int? {
    guard let times = dataset.times else { return nil }
    let targets = users(of: .test)
    guard
      let median = OrderStatistic.value(
        at: (targets.count - 1) / 2,
        { take in for user in targets { take(times[targetPlace(of: Int(user), for: .test)]) } })
    else { return nil }
    return (0..<dataset.userCount).reduce(0) { sum, user in
      let places = training(of: user).indices
      return sum + places.upperBound - times.firstPlace(in: places, from: median + 1)
    }
  }

  /// V of the training part: items are numbered in the order of their first events, so it is the
  /// maximum index among the training events.
  private static func knownItemCount(
    _ dataset: SequenceDataset, _ times: Column<Int64>, before start: Int64
  ) -> Int {
    let itemCount = Int32(dataset.itemCount)
    var greatest: Int32 = 0
    for user in 0..<dataset.userCount {
      let places = dataset.places(of: user)
      let end = times.firstPlace(in: places, from: start)
      dataset.items.forEach(in: places.lowerBound..<end) { item in
        if item <= itemCount { greatest = max(greatest, item) }
      }
    }
    return Int(greatest)
  }
}

extension SequenceDataset {
  /// The places of a user's events.
  func places(of user: Int) -> Range<Int> { Int(offsets[user])..<Int(offsets[user + 1]) }
}

extension Column<Int64> {
  /// The first place of a range of ascending numbers whose number is not below a bound; the end of the
  /// range if there is none.
  func firstPlace(in range: Range<Int>, from bound: Int64) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < bound { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
