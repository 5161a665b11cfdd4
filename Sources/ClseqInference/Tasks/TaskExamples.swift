package import ClseqData

/// The events, or users, that have a target of a supervised task.
package struct TaskExamples {
  let split: Split
  /// The truths by which the test is scored.
  let targets: Targets
  /// What is known of the truths where training ends.
  package let trainingTargets: Targets
  /// What is known of them where the validation ends.
  private let validationTargets: Targets
  let maximumLength: Int

  /// - Parameters:
  ///   - targets: Of the dataset that is split.
  ///   - maximumLength: L, the maximum number of inputs of an example.
  /// - Throws: `DataError.lacks`.
  init(
    split: Split, targets: Targets, maximumLength: Int
  ) throws(DataError) {
    self.split = split
    self.targets = targets
    self.maximumLength = maximumLength
    if targets.rule.hasHorizon, let moments = split.moments {
      func known(at moment: Int64) throws(DataError) -> Targets {
        try Targets(
          targets.rule, of: split.dataset, horizon: moments.test - moments.validation,
          cutoff: moment)
      }
      trainingTargets = try known(at: moments.training)
      validationTargets = try known(at: moments.validation)
    } else if targets.rule.isCensored, let validation = split.starts[.validation],
      let test = split.starts[.test]
    {
      trainingTargets = try Targets(targets.rule, of: split.dataset, end: validation)
      validationTargets = try Targets(targets.rule, of: split.dataset, end: test)
    } else {
      (trainingTargets, validationTargets) = (targets, targets)
    }
  }

  /// The truths of a part, without events after the part.
  func targets(of part: Split.Part) -> Targets { part == .test ? targets : validationTargets }

  /// Whether the truth of a part's last event is that nothing came while the part lasted.
  private var isCensoredByTime: Bool { targets.rule.isCensored && !split.starts.isEmpty }

  private var dataset: SequenceDataset { split.dataset }
  private var subject: TargetRule.Subject { targets.rule.subject }

  /// The examples of an epoch.
  var training: Examples {
    guard subject != .user else {
      return Examples(
        userCount: dataset.userCount,
        count: { examples(of: $0, targets: trainingPlaces(of: $0)).count },
        make: { examples(of: $0, targets: trainingPlaces(of: $0))[$1] })
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

  /// The places of a user's events with a target in training.
  private func trainingPlaces(of user: Int) -> Range<Int> {
    let places = split.training(of: user).indices
    let keepsLast = subject != .nextEvent || isCensoredByTime || isCensored(places, of: user)
    return keepsLast ? places : places.dropLast()
  }

  /// Whether a stretch reaches a user's last event, after which the truth is that nothing came by the
  /// log's end.
  private func isCensored(_ places: Range<Int>, of user: Int) -> Bool {
    targets.rule.isCensored && places.upperBound == self.places(of: user).upperBound
  }

  /// The examples of a part, in the order of the dataset, each after exactly the last
  /// events that the model sees. They are made when they are needed.
  ///
  /// - Parameters:
  ///   - part: The part.
  ///   - reach: How many of the last events a state depends on; nil for all inputs.
  ///   - sharing: Which targets share an example.
  func examples(
    of part: Split.Part, reach: Int? = nil, sharing: TargetWindows.Sharing = .unchanged
  ) -> some Sequence<Example> {
    (0..<Int32(dataset.userCount)).lazy.flatMap { user in
      TargetWindows(
        places(of: Int(user), in: part), from: places(of: Int(user)).lowerBound,
        sequence: user, maximumLength: maximumLength, reach: reach, sharing: sharing)
    }
  }

  /// The places of a user's events with a target in a part.
  private func places(of user: Int, in part: Split.Part) -> Range<Int> {
    let places = split.targetPlaces(of: user, for: part)
    switch subject {
    case .event: return places
    case .user:
      // Whatever the last event is: a user whose last item is not known is a user all the same.
      let hasMoment = split.moments != nil && targets.rule.hasHorizon
      return lastBeforeCutoff(
        hasMoment ? self.places(of: user) : places, of: user, targets(of: part))
    case .nextEvent:
      if places.isEmpty || isCensoredByTime { return places }
      // The target about an event belongs to the event before it.
      let end = isCensored(places, of: user) ? places.upperBound : places.upperBound - 1
      let lower = max(Int(dataset.offsets[user]), places.lowerBound - 1)
      return lower..<max(lower, end)
    }
  }

  /// The moment of a part's user targets, where it differs from training.
  func moment(of part: Split.Part) -> Int64? {
    guard let moments = split.moments else { return nil }
    // Without a cutoff the test has the moment of predictions: after the log's end.
    let isLast = part == .test && !targets.rule.hasHorizon
    return isLast ? dataset.momentAfterLastEvent : moments[part]
  }

  /// Where the truth of a row of a batch stands: by event, or by user.
  package func index(of row: Int, in batch: RaggedBatch) -> Int {
    subject == .user ? Int(batch.sequences[row]) : batch.places[row]
  }

  /// The same for a row that stands for the event at its place and not for the one after it; nil for the first
  /// event of a user.
  package func index(before row: Int, in batch: RaggedBatch) -> Int? {
    let place = batch.places[row]
    return place == Int(dataset.offsets[Int(batch.sequences[row])]) ? nil : place - 1
  }

  /// Calls a body with each case of examples with a known target: the index of the target,
  /// the user, and the place of the event. There may be hundreds of millions, so no list of them is
  /// made.
  ///
  /// - Parameter part: The part of the targets; nil for training.
  func forEachKnown(
    of examples: some Sequence<Example>, part: Split.Part?,
    _ body: (_ index: Int, _ user: Int32, _ place: Int) -> Void
  ) {
    let targets = part.map(targets(of:)) ?? trainingTargets
    for example in examples {
      for place in example.targets {
        let index = subject == .user ? Int(example.sequence) : place
        if targets.isKnown(index) { body(index, example.sequence, place) }
      }
    }
  }

  /// The cases with a known target in a part: the user and the place of the event of
  /// each, in the order of the dataset.
  func knownCases(of part: Split.Part) -> (users: [Int32], places: [Int]) {
    var (users, places): ([Int32], [Int]) = ([], [])
    forEachKnown(of: examples(of: part), part: part) { _, user, place in
      users.append(user)
      places.append(place)
    }
    return (users, places)
  }

  private func places(of user: Int) -> Range<Int> {
    Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
  }

  private func examples(of user: Int, targets places: Range<Int>) -> [Example] {
    guard subject == .user else {
      return places.isEmpty
        ? []
        : Example.covering(
          places, from: Int(dataset.offsets[user]), sequence: Int32(user),
          maximumLength: maximumLength)
    }
    return Array(
      TargetWindows(
        lastBeforeCutoff(places, of: user, trainingTargets), from: Int(dataset.offsets[user]),
        sequence: Int32(user), maximumLength: maximumLength))
  }

  /// The last of a user's events before the cutoff; empty where there is none, or no truth.
  private func lastBeforeCutoff(
    _ places: Range<Int>, of user: Int, _ targets: Targets
  ) -> Range<Int> {
    guard targets.isKnown(user) else { return places.prefix(0) }
    guard let cutoff = targets.cutoff, let times = dataset.times else { return places.suffix(1) }
    let end = places.firstIndex { times[$0] >= cutoff } ?? places.upperBound
    return (places.lowerBound..<end).suffix(1)
  }

  /// Users, or events, that a part or training leaves out, counted by reason; nothing where all have
  /// their question and their truth.
  ///
  /// - Parameter part: Nil for training.
  func leftOut(of part: Split.Part?) -> [String: Int] {
    let truths = part.map(targets(of:)) ?? trainingTargets
    var counts: [String: Int] = [:]
    guard subject == .user else {
      func unknownCount(_ examples: some Sequence<Example>) -> Int {
        examples.reduce(0) { $0 + $1.targets.count { !truths.isKnown($0) } }
      }
      counts["events without a truth"] =
        part.map { unknownCount(examples(of: $0)) } ?? unknownCount(training)
      return counts.filter { $0.value > 0 }
    }
    for user in 0..<dataset.userCount {
      let places =
        part.map { split.targetPlaces(of: user, for: $0) } ?? split.training(of: user).indices
      let hasMoment = split.moments != nil && targets.rule.hasHorizon
      guard hasMoment || !places.isEmpty else { continue }
      let past = lastBeforeCutoff(
        hasMoment ? self.places(of: user) : places, of: user, truths)
      guard past.isEmpty else { continue }
      let reason =
        targets.rule.hasHorizon
        ? "users without an event before the moment" : "users without a truth"
      counts[reason, default: 0] += 1
    }
    return counts
  }
}
