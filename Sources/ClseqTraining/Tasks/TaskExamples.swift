import ClseqData

/// Which events, or users, a supervised task asks about.
struct TaskExamples {
  let split: Split
  let targets: Targets
  let maximumLength: Int
  /// How many of the last events a state depends on; nil for all inputs.
  let reach: Int?

  private var dataset: SequenceDataset { split.dataset }
  private var subject: TargetRule.Subject { targets.rule.subject }

  /// The examples of an epoch.
  var training: Examples {
    guard subject != .user else {
      return Examples(
        userCount: dataset.userCount,
        count: { examples(of: $0, asked: trainingPlaces(of: $0)).count },
        make: { examples(of: $0, asked: trainingPlaces(of: $0))[$1] })
    }
    return Examples(
      userCount: dataset.userCount,
      count: { user in
        Example.coveringCount(
          trainingPlaces(of: user), from: Int(dataset.offsets[user]), maximumLength: maximumLength)
      },
      make: { user, number in
        Example.covering(
          trainingPlaces(of: user), from: Int(dataset.offsets[user]), sequence: Int32(user),
          maximumLength: maximumLength, number: number)
      })
  }

  /// The places of a user's events that training asks about.
  private func trainingPlaces(of user: Int) -> Range<Int> {
    let places = split.training(of: user).indices
    let keepsLast = subject != .nextEvent || isCensored(places, of: user)
    return keepsLast ? places : places.dropLast()
  }

  /// Whether a stretch reaches a user's last event, after which the truth is that nothing came by the
  /// log's end.
  private func isCensored(_ places: Range<Int>, of user: Int) -> Bool {
    targets.rule == .returnTime && places.upperBound == self.places(of: user).upperBound
  }

  /// The examples that a part asks about, in the order of the dataset, each after exactly the last
  /// events that the model sees. They are made when they are asked for.
  func asked(by part: Split.Part) -> some Sequence<Example> {
    let users = subject == .user ? split.users(of: part) : Array(0..<Int32(dataset.userCount))
    return users.lazy.flatMap { user in
      AskedWindows(
        places(asked: Int(user), by: part), from: places(of: Int(user)).lowerBound,
        sequence: user, maximumLength: maximumLength, reach: reach)
    }
  }

  /// The places of a user's events that a part asks about, or after.
  private func places(asked user: Int, by part: Split.Part) -> Range<Int> {
    let places = split.askedPlaces(of: user, for: part)
    switch subject {
    case .event: return places
    case .user: return lastBeforeCutoff(self.places(of: user), of: user)
    case .nextEvent:
      if places.isEmpty { return places }
      // What is asked about an event is told after the one before it.
      let end = isCensored(places, of: user) ? places.upperBound : places.upperBound - 1
      let lower = max(Int(dataset.offsets[user]), places.lowerBound - 1)
      return lower..<max(lower, end)
    }
  }

  /// Where the truth of a row of a batch stands: by event, or by user.
  func index(of row: Int, in batch: RaggedBatch) -> Int {
    subject == .user ? Int(batch.sequences[row]) : batch.places[row]
  }

  /// The indices of all known truths that examples ask about.
  func known(_ examples: some Sequence<Example>) -> [Int] {
    examples.flatMap { example in
      (subject == .user ? [Int(example.sequence)] : Array(example.asked)).filter(targets.isKnown)
    }
  }

  /// The cases that a part asks about and whose truth is known: the user and the place of the event of
  /// each, in the order of the dataset.
  func knownCases(askedBy part: Split.Part) -> (users: [Int32], places: [Int]) {
    var (users, places): ([Int32], [Int]) = ([], [])
    for example in asked(by: part) {
      for place in example.asked
      where targets.isKnown(subject == .user ? Int(example.sequence) : place) {
        users.append(example.sequence)
        places.append(place)
      }
    }
    return (users, places)
  }

  private func places(of user: Int) -> Range<Int> {
    Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
  }

  private func examples(of user: Int, asked: Range<Int>) -> [Example] {
    guard subject == .user else {
      return asked.isEmpty
        ? []
        : Example.covering(
          asked, from: Int(dataset.offsets[user]), sequence: Int32(user),
          maximumLength: maximumLength)
    }
    return Array(
      AskedWindows(
        lastBeforeCutoff(asked, of: user), from: Int(dataset.offsets[user]),
        sequence: Int32(user), maximumLength: maximumLength))
  }

  /// The last of a user's events before the cutoff; empty where there is none, or no truth.
  private func lastBeforeCutoff(_ places: Range<Int>, of user: Int) -> Range<Int> {
    guard targets.isKnown(user) else { return places.prefix(0) }
    guard let cutoff = targets.cutoff, let times = dataset.times else { return places.suffix(1) }
    let end = places.firstIndex { times[$0] >= cutoff } ?? places.upperBound
    return (places.lowerBound..<end).suffix(1)
  }
}
