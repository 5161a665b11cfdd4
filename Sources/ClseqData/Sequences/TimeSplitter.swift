/// A view of a dataset under the vocabulary of the events before a time. Nothing is copied; the later
/// events of items without a training event, which are few, are left out.
struct TimeSplitter {
  let dataset: SequenceDataset
  let times: Column<Int64>
  let validationStart: Int64
  let testStart: Int64
  /// V of the training part.
  let knownItemCount: Int

  /// Whether each user has a target in a part, one bit each.
  private struct Askers: Sendable {
    private var words: [UInt64]

    init(userCount: Int) { words = [UInt64](repeating: 0, count: (userCount + 63) / 64) }

    subscript(user: Int) -> Bool { words[user >> 6] >> UInt64(user & 63) & 1 != 0 }

    mutating func insert(_ user: Int) { words[user >> 6] |= 1 << UInt64(user & 63) }
  }

  /// The result of a pass over the later events.
  private struct Findings {
    /// For each place that is left out, in order, the number of remaining places before it.
    var staysBefore: [UInt32] = []
    var askers: [Split.Part: Askers]
    var coldTargetCounts: [Split.Part: Int] = [:]
  }

  func split(named name: String) -> Split {
    let findings = findings()
    let known = seen(without: findings.staysBefore)
    guard let times = known.times else { preconditionFailure("TimeSplitter: no times") }
    let (validationStart, testStart) = (validationStart, testStart)
    let askers = findings.askers
    // The number of a user's events before a time.
    let count: @Sendable (Int, Int64) -> Int = { user, time in
      let places = known.places(of: user)
      return times.firstPlace(in: places, from: time) - places.lowerBound
    }
    return Split(
      known, name: name, trainingLength: { count($0, validationStart) },
      targetPlace: { user, part in
        guard let askers = askers[part], askers[user] else { return -1 }
        return count(user, part == .validation ? validationStart : testStart)
      },
      targetRange: { user, part in
        let past = count(user, testStart)
        return part == .validation
          ? count(user, validationStart)..<past : past..<known.places(of: user).count
      }, coldTargetCounts: findings.coldTargetCounts)
  }

  private func findings() -> Findings {
    let none = Askers(userCount: dataset.userCount)
    var findings = Findings(askers: [.validation: none, .test: none])
    let keepsAll = dataset.vocabulary.hasUnknown
    for user in 0..<dataset.userCount {
      let places = dataset.places(of: user)
      let first = times.firstPlace(in: places, from: validationStart)
      let firstTested = times.firstPlace(in: first..<places.upperBound, from: testStart)
      // Remaining events of the user before the first one of the test.
      var keptCount = firstTested - places.lowerBound
      for place in first..<places.upperBound where !keepsAll && !isKnown(place) {
        findings.staysBefore.append(UInt32(place - findings.staysBefore.count))
        if place < firstTested { keptCount -= 1 }
      }
      if first < firstTested, first > places.lowerBound {
        note(first, of: user, .validation, in: &findings)
      }
      if firstTested < places.upperBound, keptCount > 0 {
        note(firstTested, of: user, .test, in: &findings)
      }
    }
    return findings
  }

  /// Whether the item of an event has a training event.
  private func isKnown(_ place: Int) -> Bool { dataset.items[place] <= knownItemCount }

  /// Counts the event at a place as a target, or as a cold one.
  private func note(
    _ place: Int, of user: Int, _ part: Split.Part, in findings: inout Findings
  ) {
    if isKnown(place) {
      findings.askers[part]?.insert(user)
    } else {
      findings.coldTargetCounts[part, default: 0] += 1
    }
  }

  /// The dataset under the vocabulary of the training part, without some events.
  private func seen(without staysBefore: [UInt32]) -> SequenceDataset {
    var (events, offsets) = (dataset.events, dataset.offsets)
    let vocabulary = dataset.vocabulary.prefix(knownItemCount)
    if !staysBefore.isEmpty {
      let kept = KeptPlaces(of: dataset.eventCount, staysBefore: staysBefore)
      events = events.keeping(kept)
      offsets = Column(offsets.map { Int64(kept.count(before: Int($0))) })
    }
    if let unknown = vocabulary.unknown { events.items = events.items.capped(at: unknown) }
    var known = SequenceDataset(
      events: events, offsets: offsets, users: dataset.users, vocabulary: vocabulary,
      types: dataset.types, features: dataset.features, source: dataset.source)
    known.userAttributes = dataset.userAttributes
    known.itemAttributes = dataset.itemAttributes?.prefix(vocabulary.count)
    return known
  }
}
