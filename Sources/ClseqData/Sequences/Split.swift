/// Which events of a dataset a model is trained on, and which it is asked for.
///
/// Of each user a stretch from the first event on is for training. A part, validation or test, asks
/// for one event of a user, the target, after the whole history before it, or for none. Everything
/// in the history counts as seen, also what is beyond the cut to the most recent inputs.
public struct Split: Sendable {
  /// The part of the split that a figure is measured on.
  public enum Part: String, Sendable, Codable, CaseIterable {
    /// What settings and epochs are chosen by.
    case validation
    /// What is reported.
    case test
  }

  /// The data that is split.
  public let dataset: SequenceDataset
  /// The split's name in passports, with its numbers.
  public internal(set) var name: String
  /// Events of a user, from the first on, that a model may be trained on.
  private let trainingLength: @Sendable (_ user: Int) -> Int
  /// The place of a user's target among the user's events; -1 for none.
  private let targetPlace: @Sendable (_ user: Int, _ part: Part) -> Int
  /// The stretch of a user's events that a part is about, from the target on; empty where there is none.
  private let askedRange: @Sendable (_ user: Int, _ part: Part) -> Range<Int>
  /// For each part the targets that no model can rank, because the vocabulary does not tell them.
  private let coldTargetCounts: [Part: Int]
  /// In a split by time, where each part begins, in microseconds since 1970; else empty.
  public internal(set) var starts: [Part: Int64] = [:]
  /// How events are parted.
  public internal(set) var kind = SplitKind.leaveOneOut
  /// When users are asked about, where they are split by time.
  public internal(set) var moments: Moments?
  /// Events left out because training does not know their items.
  public internal(set) var untoldEventCount = 0
  /// Among which items a target is ranked: `full`, or what ``ranked(among:named:)`` was told.
  public private(set) var ranking = "full"
  /// Whether items of the history are candidates.
  public internal(set) var seen = SeenRule.exclude
  /// The items beside the target that are ranked; nil for all that the rule of seen items leaves.
  private(set) var rivals: (@Sendable (_ user: Int, _ part: Part) -> [Int32])?

  /// A split of which nothing is held for each user: all is found when it is asked for.
  ///
  /// - Parameters:
  ///   - name: The split's name with its numbers.
  ///   - trainingLength: Events of a user, from the first on, that are for training.
  ///   - targetPlace: The place of a user's target among the user's events; -1 for none. A target that
  ///     is the unknown item is not asked for, and counts as cold.
  ///   - askedRange: The stretch of a user's events that a part is about; nil for the target alone.
  ///   - coldTargetCounts: Targets that are cold for other reasons.
  init(
    _ dataset: SequenceDataset, name: String,
    trainingLength: @escaping @Sendable (_ user: Int) -> Int,
    targetPlace: @escaping @Sendable (_ user: Int, _ part: Part) -> Int,
    askedRange: (@Sendable (_ user: Int, _ part: Part) -> Range<Int>)? = nil,
    coldTargetCounts: [Part: Int] = [:]
  ) {
    self.dataset = dataset
    self.name = name
    self.trainingLength = trainingLength
    self.askedRange =
      askedRange
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

  /// The same of numbers that are held for each user.
  ///
  /// - Parameters:
  ///   - trainingLengths: Events of each user, from the first on, that are for training.
  ///   - targetPlaces: For each part the place of each user's target among the user's events; -1 for
  ///     none.
  ///   - askedRanges: For each part the stretch of each user's events that it is about; nil for the
  ///     target alone.
  init(
    _ dataset: SequenceDataset, name: String, trainingLengths: [Int32],
    targetPlaces: [Part: [Int32]], askedRanges: [Part: [Range<Int32>]]? = nil
  ) {
    var ranges: (@Sendable (Int, Part) -> Range<Int>)?
    if let askedRanges {
      ranges = { user, part in
        guard let range = askedRanges[part]?[user] else { return 0..<0 }
        return Int(range.lowerBound)..<Int(range.upperBound)
      }
    }
    self.init(
      dataset, name: name, trainingLength: { Int(trainingLengths[$0]) },
      targetPlace: { user, part in (targetPlaces[part]?[user]).map { Int($0) } ?? -1 },
      askedRange: ranges)
  }

  /// Says how events are parted, and checks that each part has some.
  ///
  /// - Throws: `DataError.emptyPart` if nothing is left for training, or a part asks nobody.
  mutating func requireTargets(_ kind: SplitKind) throws(DataError) {
    self.kind = kind
    let users = 0..<dataset.userCount
    guard users.contains(where: { trainingLength($0) > 0 }) else {
      throw .emptyPart(path: dataset.source.name, part: "training", split: kind)
    }
    // With an unknown item a part may be about events, and have no item to be ranked.
    for part in Part.allCases
    where !users.contains(where: { targetPlace($0, part) >= 0 })
      && !(dataset.vocabulary.hasUnknown && users.contains { !askedRange($0, part).isEmpty })
    {
      if coldTargetCount(of: part) > 0 {
        throw .unfit(
          path: dataset.source.name,
          what:
            "all \(coldTargetCount(of: part)) targets of the \(part.rawValue) part are items that "
            + "training does not know", expected: "some that it knows; take other times")
      }
      throw .emptyPart(path: dataset.source.name, part: part.rawValue, split: kind)
    }
  }

  /// s₀ …: what a model may be trained on.
  public func training(of user: Int) -> Slice<Column<Int32>> {
    dataset[user].prefix(trainingLength(user))
  }

  /// The number of training events.
  public var trainingEventCount: Int {
    (0..<dataset.userCount).reduce(0) { $0 + trainingLength($1) }
  }

  /// How often the training parts hold each item, by item index; index 0 is unused.
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

  /// Where the most recent inputs of a user's training part stand among the dataset's items: all
  /// but its last event, cut to `maximumLength`. Nil if it has less than two events.
  func trainingInputs(of user: Int, maximumLength: Int) -> Range<Int>? {
    let inputs = training(of: user).indices.dropLast().suffix(maximumLength)
    return inputs.isEmpty ? nil : inputs
  }

  /// The training inputs of all users that have any, every event asked about.
  public func nextItemExamples(maximumLength: Int) -> Examples {
    precondition(maximumLength >= 1, "maximumLength \(maximumLength) is not positive")
    return Examples(
      userCount: dataset.userCount,
      count: { trainingInputs(of: $0, maximumLength: maximumLength) == nil ? 0 : 1 },
      make: { user, _ in
        guard let inputs = trainingInputs(of: user, maximumLength: maximumLength) else {
          preconditionFailure("user \(user) has nothing to be trained on")
        }
        return Example(sequence: Int32(user), inputs: inputs)
      })
  }

  /// The places, among the dataset's events, of those of a user that a part is about: all in a
  /// stretch of time, or of a held-out user, and else the target alone. Tasks that ask about events
  /// ask about each of them.
  public func askedPlaces(of user: Int, for part: Part) -> Range<Int> {
    let range = askedRange(user, part)
    let start = Int(dataset.offsets[user])
    return start + range.lowerBound..<start + range.upperBound
  }

  /// The users whom a part asks for an item, ascending.
  public func users(of part: Part) -> [Int32] {
    var users: [Int32] = []
    for user in 0..<dataset.userCount where targetPlace(user, part) >= 0 {
      users.append(Int32(user))
    }
    return users
  }

  /// Targets of a part that count as missed without a look: training holds no event of them.
  public func coldTargetCount(of part: Part) -> Int { coldTargetCounts[part] ?? 0 }

  /// The whole history before the target: the model's input before it is cut, and the items seen.
  public func history(of user: Int, for part: Part) -> Slice<Column<Int32>> {
    dataset[user].prefix(place(of: user, for: part))
  }

  /// The item to be ranked, 1…V.
  public func target(of user: Int, for part: Part) -> Int32 {
    dataset.items[targetPlace(of: user, for: part)]
  }

  /// Where the event of the target stands among all events of the dataset.
  public func targetPlace(of user: Int, for part: Part) -> Int {
    Int(dataset.offsets[user]) + place(of: user, for: part)
  }

  /// The same targets, each ranked among chosen items only: for comparison with papers that did so.
  /// A repeated target is missed all the same where seen items are excluded.
  ///
  /// - Parameters:
  ///   - rivals: The items beside the target, 1…V.
  ///   - name: How they were chosen, for passports.
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
  /// Leave-one-out: of a user's events the last is the target of the test, the one before that of
  /// the validation, and the rest is for training. Users with fewer than three are for training alone.
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
