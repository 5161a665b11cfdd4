import ClseqData

/// A log as it was read, beside what a model sees of it: the events of items that the model does not know are cut with
/// the others, and left out of its inputs where it has no unknown item.
struct ScoredEvents {
  /// All events, under the items of the log.
  let all: SequenceDataset
  /// Those that the model sees, under its own items.
  let known: SequenceDataset
  /// By the place of an event of the log, how many before it the model sees; nil where it sees all.
  private let seenBefore: [Int32]?
  /// By user of the log, how many users before are known.
  private let usersBefore: [Int32]?
  /// The model's unknown item.
  private let unknown: Int32?

  /// - Parameters:
  ///   - all: The log.
  ///   - known: The same translated to the vocabulary of the model.
  init(_ all: SequenceDataset, known: SequenceDataset) {
    (self.all, self.known) = (all, known)
    unknown = known.vocabulary.unknown
    guard all.eventCount > known.eventCount else {
      (seenBefore, usersBefore) = (nil, nil)
      return
    }
    let isKnown =
      [false]
      + (1..<all.itemCount + 1).map {
        known.vocabulary.index(of: all.vocabulary[$0]) != nil
      } + [false]
    var (seen, users): ([Int32], [Int32]) = ([0], [0])
    seen.reserveCapacity(all.eventCount + 1)
    for user in 0..<all.userCount {
      let before = seen[seen.count - 1]
      for item in all[user] { seen.append(seen[seen.count - 1] + (isKnown[Int(item)] ? 1 : 0)) }
      users.append(users[user] + (seen[seen.count - 1] > before ? 1 : 0))
    }
    precondition(Int(seen[seen.count - 1]) == known.eventCount, "ScoredEvents: of two logs")
    (seenBefore, usersBefore) = (seen, users)
  }

  /// Events that a model was trained on.
  init(training: SequenceDataset) { self.init(training, known: training) }

  /// What the model sees of a stretch; it may be empty.
  func seen(_ stretch: Stretch) -> Stretch {
    guard let seenBefore, let usersBefore else { return stretch }
    let events =
      Int(seenBefore[stretch.events.lowerBound])..<Int(seenBefore[stretch.events.upperBound])
    return Stretch(
      user: Int(usersBefore[stretch.user]), number: stretch.number, events: events)
  }

  /// Whether the model knows the item of an event of the log.
  func isKnown(_ place: Int) -> Bool {
    guard seenBefore == nil else { return isSeen(place) }
    return unknown == nil || known.items[place] != unknown
  }

  /// Whether an event of the log is among the inputs of the model.
  func isSeen(_ place: Int) -> Bool {
    seenBefore.map { $0[place + 1] > $0[place] } ?? true
  }

  /// The stretches of the log, in its order.
  func stretches(_ subject: VectorRequest.Subject) -> some Sequence<Stretch> {
    (0..<all.userCount).lazy.flatMap { [all] user in
      subject.stretches(of: user, in: all).enumerated().map {
        Stretch(user: user, number: $0.offset, events: $0.element)
      }
    }
  }
}
