import ClseqData

/// Which events, or users, a supervised task asks about.
struct TaskExamples {
  let split: Split
  let targets: Targets
  let maximumLength: Int

  private var dataset: SequenceDataset { split.dataset }
  private var subject: TargetRule.Subject { targets.rule.subject }

  /// The examples of an epoch.
  var training: [Example] {
    (0..<dataset.userCount).flatMap { user in
      let places = split.training(of: user).indices
      let keepsLast = subject != .nextEvent || isCensored(places, of: user)
      return examples(of: user, asked: keepsLast ? places : places.dropLast())
    }
  }

  /// Whether a stretch reaches a user's last event, after which the truth is that nothing came by the
  /// log's end.
  private func isCensored(_ places: Range<Int>, of user: Int) -> Bool {
    targets.rule == .returnTime && places.upperBound == self.places(of: user).upperBound
  }

  /// The examples that a part asks about.
  func asked(by part: Split.Part) -> [Example] {
    guard subject != .user else {
      return split.users(of: part).flatMap { user in
        examples(of: Int(user), asked: places(of: Int(user)))
      }
    }
    return (0..<dataset.userCount).flatMap { user in
      let places = split.askedPlaces(of: user, for: part)
      guard subject == .nextEvent, !places.isEmpty else {
        return examples(of: user, asked: places)
      }
      // What is asked about an event is told after the one before it.
      let start = Int(dataset.offsets[user])
      let end = isCensored(places, of: user) ? places.upperBound : places.upperBound - 1
      let lower = max(start, places.lowerBound - 1)
      return lower < end ? examples(of: user, asked: lower..<end) : []
    }
  }

  /// Where the truth of a row of a batch stands: by event, or by user.
  func index(of row: Int, in batch: RaggedBatch) -> Int {
    subject == .user ? Int(batch.sequences[row]) : batch.places[row]
  }

  /// The indices of all known truths that examples ask about.
  func known(_ examples: [Example]) -> [Int] {
    examples.flatMap { example in
      (subject == .user ? [Int(example.sequence)] : Array(example.asked)).filter(targets.isKnown)
    }
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
    guard targets.isKnown(user), let past = past(asked), !past.isEmpty else { return [] }
    return [
      Example(
        sequence: Int32(user), inputs: past.suffix(maximumLength),
        asked: past.upperBound - 1..<past.upperBound)
    ]
  }

  /// What of a user's events lies before the cutoff.
  private func past(_ places: Range<Int>) -> Range<Int>? {
    guard let cutoff = targets.cutoff, let times = dataset.times else { return places }
    return places.lowerBound..<(places.firstIndex { times[$0] >= cutoff } ?? places.upperBound)
  }
}
