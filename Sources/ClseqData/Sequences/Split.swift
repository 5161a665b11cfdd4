/// The events of a dataset for training, and the targets of validation and test.
///
/// The first events of each user are for training. A part, validation or test, has at most one target
/// per user, an event that is predicted from the whole history before it. All items of the history
/// count as seen, also those before the most recent inputs of a model.
public struct Split: Sendable {
  /// The part of the split on which a figure is measured.
  public enum Part: String, Sendable, Codable, CaseIterable {
    /// The part by which settings and epochs are chosen.
    case validation
    /// The part whose figures are reported.
    case test
  }

  /// The dataset.
  public let dataset: SequenceDataset
  /// The split's name in passports, with its numbers.
  public internal(set) var name: String
  /// The number of a user's training events, from the first on.
  private let trainingLength: @Sendable (_ user: Int) -> Int
  /// The place of a user's target among the user's events; -1 for none.
  private let targetPlace: @Sendable (_ user: Int, _ part: Part) -> Int
  /// The range of a user's events in a part, from the target on; empty without a target.
  private let targetRange: @Sendable (_ user: Int, _ part: Part) -> Range<Int>
  /// For each part the number of cold targets, whose items are not in the vocabulary.
  private let coldTargetCounts: [Part: Int]
  /// In a split by time, the start of each part in microseconds since 1970; else empty.
  public internal(set) var starts: [Part: Int64] = [:]
  /// The kind of the split.
  public internal(set) var kind = SplitKind.leaveOneOut
  /// The moments of prediction, for targets of users that are split by time.
  public internal(set) var moments: Moments?
  /// Events left out because their items have no training event.
  public internal(set) var untrainedItemEventCount = 0
  /// The items among which a target is ranked: `full`, or the name given to ``ranked(among:named:)``.
  public private(set) var ranking = "full"
  /// Whether items of the history are candidates.
  public internal(set) var seen = SeenRule.exclude
  /// The items besides the target that are ranked; nil for all that the rule of seen items allows.
  private(set) var rivals: (@Sendable (_ user: Int, _ part: Part) -> [Int32])?

  /// A split without stored values per user: everything is computed on demand.
  ///
  /// - Parameters:
  ///   - name: The split's name with its numbers.
  ///   - trainingLength: The number of a user's training events, from the first on.
  ///   - targetPlace: The place of a user's target among the user's events; -1 for none. A target that
  ///     is the unknown item is not ranked, and counts as cold.
  ///   - targetRange: The range of a user's events in a part; nil for the target alone.
  ///   - coldTargetCounts: Targets that are cold for other reasons.
  init(
    _ dataset: SequenceDataset, name: String,
    trainingLength: @escaping @Sendable (_ user: Int) -> Int,
    targetPlace: @escaping @Sendable (_ user: Int, _ part: Part) -> Int,
    targetRange: (@Sendable (_ user: Int, _ part: Part) -> Range<Int>)? = nil,
    coldTargetCounts: [Part: Int] = [:]
  ) {
    self.dataset = dataset
    self.name = name
    self.trainingLength = trainingLength
    self.targetRange =
      targetRange
      ?? { user, part in
        let place = targetPlace(user, part)
        return place < 0 ? 0..<0 : place..<place + 1
      }
    var coldTargetCounts = coldTargetCounts
    if let unknown = dataset.vocabulary.unknown {
      let isUnknown: @Sendable (Int, Int) -> Bool = { user, place in
        dataset.items[Int(dataset.offsets[user]) + place] == unknown
      }
      self.targetPlace = { user, part in
        let place = targetPlace(user, part)
        return place < 0 || isUnknown(user, place) ? -1 : place
      }
      for part in Part.allCases {
        coldTargetCounts[part, default: 0] += (0..<dataset.userCount).count { user in
          let place = targetPlace(user, part)
          return place >= 0 && isUnknown(user, place)
        }
      }
    } else {
      self.targetPlace = targetPlace
    }
    self.coldTargetCounts = coldTargetCounts
  }

  /// The same with stored values per user.
  ///
  /// - Parameters:
  ///   - trainingLengths: The number of each user's training events, from the first on.
  ///   - targetPlaces: For each part the place of each user's target among the user's events; -1 for
  ///     none.
  ///   - targetRanges: For each part the range of each user's events in it; nil for the target alone.
  init(
    _ dataset: SequenceDataset, name: String, trainingLengths: [Int32],
    targetPlaces: [Part: [Int32]], targetRanges: [Part: [Range<Int32>]]? = nil
  ) {
    var ranges: (@Sendable (Int, Part) -> Range<Int>)?
    if let targetRanges {
      ranges = { user, part in
        guard let range = targetRanges[part]?[user] else { return 0..<0 }
        return Int(range.lowerBound)..<Int(range.upperBound)
      }
    }
    self.init(
      dataset, name: name, trainingLength: { Int(trainingLengths[$0]) },
      targetPlace: { user, part in (targetPlaces[part]?[user]).map { Int($0) } ?? -1 },
      targetRange: ranges)
  }

  /// Sets the kind of the split, and checks that each part has targets.
  ///
  /// - Throws: `DataError.emptyPart` if there is no training event, or a part has no target.
  mutating func requireTargets(_ kind: SplitKind) throws(DataError) {
    self.kind = kind
    let users = 0..<dataset.userCount
    guard users.contains(where: { trainingLength($0) > 0 }) else {
      throw .emptyPart(path: dataset.source.name, part: "training", split: kind)
    }
    // With an unknown item a part may have events, but no item to rank.
    for part in Part.allCases
    where !users.contains(where: { targetPlace($0, part) >= 0 })
      && !(dataset.vocabulary.hasUnknown && users.contains { !targetRange($0, part).isEmpty })
    {
      if coldTargetCount(of: part) > 0 {
        throw .unfit(
          path: dataset.source.name,
          what:
            "all \(coldTargetCount(of: part)) targets of the \(part.rawValue) part are items without "
            + "a training event", expected: "items with training events; choose other times")
      }
      throw .emptyPart(path: dataset.source.name, part: part.rawValue, split: kind)
    }
  }

  /// s₀ …: the training events of a user.
  public func training(of user: Int) -> Slice<Column<Int32>> {
    dataset[user].prefix(trainingLength(user))
  }

  /// The number of training events.
  public var trainingEventCount: Int {
    (0..<dataset.userCount).reduce(0) { $0 + trainingLength($1) }
  }

  /// The number of training events of each item, by item index; index 0 is unused.
  public var trainingCounts: [Int] {
    var counts = [Int](repeating: 0, count: dataset.itemCount + 1)
    counts.withUnsafeMutableBufferPointer { counts in
      for user in 0..<dataset.userCount {
        dataset.items.forEach(in: training(of: user).indices) { item in
          if Int(item) < counts.count { counts[Int(item)] += 1 }
        }
      }
    }
    return counts
  }

  /// The places, among the dataset's items, of the most recent inputs of a user's training part: all
  /// except its last event, at most `maximumLength`. Nil if it has less than two events.
  func trainingInputs(of user: Int, maximumLength: Int) -> Range<Int>? {
    let inputs = training(of: user).indices.dropLast().suffix(maximumLength)
    return inputs.isEmpty ? nil : inputs
  }

  /// The training inputs of all users that have any, with a target for every event.
  public func nextItemExamples(maximumLength: Int) -> Examples {
    trainingExamples(maximumLength: maximumLength, including: 0)
  }

  /// The same with the last target, whose item is an input too: the sequences in which a model learns to
  /// fill masks or to write. They are one event longer, since a prediction comes after the inputs.
  public func hiddenItemExamples(maximumLength: Int) -> Examples {
    trainingExamples(maximumLength: maximumLength, including: 1)
  }

  /// The last training events of every user that has any: sequences that a model compresses and writes back.
  ///
  /// - Parameter maximumLength: The maximum number of events of a sequence, at least 1.
  package func wholeSequences(maximumLength: Int) -> Examples {
    Examples(
      userCount: dataset.userCount, count: { training(of: $0).isEmpty ? 0 : 1 },
      make: { user, _ in
        Example(
          sequence: Int32(user), inputs: training(of: user).indices.suffix(maximumLength))
      })
  }

  private func trainingExamples(maximumLength: Int, including targets: Int) -> Examples {
    precondition(maximumLength >= 1, "maximumLength \(maximumLength) is not positive")
    return Examples(
      userCount: dataset.userCount,
      count: { trainingInputs(of: $0, maximumLength: maximumLength) == nil ? 0 : 1 },
      make: { user, _ in
        guard let inputs = trainingInputs(of: user, maximumLength: maximumLength) else {
          preconditionFailure("user \(user) has no training inputs")
        }
        return Example(
          sequence: Int32(user), inputs: inputs.lowerBound..<inputs.upperBound + targets)
      })
  }

  /// The places, among the dataset's events, of a user's events in a part: all in a range of time, or
  /// of a held-out user, and else the target alone. Tasks with targets per event have a target for
  /// each of them.
  public func targetPlaces(of user: Int, for part: Part) -> Range<Int> {
    let range = targetRange(user, part)
    let start = Int(dataset.offsets[user])
    return start + range.lowerBound..<start + range.upperBound
  }

  /// The users with an item as a target in a part, ascending.
  public func users(of part: Part) -> [Int32] {
    var users: [Int32] = []
    for user in 0..<dataset.userCount where targetPlace(user, part) >= 0 {
      users.append(Int32(user))
    }
    return users
  }

  /// Cold targets of a part, which count as missed: their items have no training event.
  public func coldTargetCount(of part: Part) -> Int { coldTargetCounts[part] ?? 0 }

  /// The whole history before the target: the seen items, and the model's input before it is cut.
  public func history(of user: Int, for part: Part) -> Slice<Column<Int32>> {
    dataset[user].prefix(place(of: user, for: part))
  }

  /// The target item, 1…V.
  public func target(of user: Int, for part: Part) -> Int32 {
    dataset.items[targetPlace(of: user, for: part)]
  }

  /// The place of the target's event among all events of the dataset.
  public func targetPlace(of user: Int, for part: Part) -> Int {
    Int(dataset.offsets[user]) + place(of: user, for: part)
  }

  /// The same targets, each ranked among chosen items only, for comparison with papers that do so.
  /// A repeated target is still missed if seen items are excluded.
  ///
  /// - Parameters:
  ///   - rivals: The items besides the target, 1…V.
  ///   - name: The way they were chosen, for passports.
  public func ranked(
    among rivals: @escaping @Sendable (_ user: Int, _ part: Part) -> [Int32], named name: String
  ) -> Split {
    var split = self
    split.rivals = rivals
    split.ranking = name
    return split
  }

  private func place(of user: Int, for part: Part) -> Int {
    let place = targetPlace(user, part)
    precondition(place >= 0, "user \(user) has no target of the \(part.rawValue) part")
    return place
  }
}

extension Split {
  /// Leave-one-out: of a user's events the last is the test target, the one before it the validation
  /// target, and the others are for training. Users with fewer than three are for training only.
  /// The vocabulary is that of the whole log.
  ///
  /// A user's training events may be later than another's test event: see ``leakedEventCount``.
  public static func leaveOneOut(_ dataset: SequenceDataset) -> Split {
    let least = SequenceDataset.minimumEventCount
    return Split(
      dataset, name: "leave-one-out",
      trainingLength: { user in
        let count = dataset[user].count
        return count < least ? count : count - 2
      },
      targetPlace: { user, part in
        let count = dataset[user].count
        return count < least ? -1 : part == .validation ? count - 2 : count - 1
      })
  }
}
