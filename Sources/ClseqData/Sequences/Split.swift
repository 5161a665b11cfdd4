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
  /// Events of each user, from the first on, that a model may be trained on.
  private let trainingLengths: [Int32]
  /// For each part the place of each user's target among the user's events; -1 for none.
  private let targetPlaces: [Part: [Int32]]
  /// For each part the stretch of each user's events that it is about, from the target on; empty where
  /// there is none.
  private let askedRanges: [Part: [Range<Int32>]]
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

  /// - Parameters:
  ///   - name: The split's name with its numbers.
  ///   - trainingLengths: Events of each user, from the first on, that are for training.
  ///   - targetPlaces: For each part the place of each user's target among the user's events; -1 for
  ///     none. A target that is the unknown item is not asked for, and counts as cold.
  ///   - askedRanges: For each part the stretch of each user's events that it is about; nil for the
  ///     target alone.
  ///   - coldTargetCounts: Targets that are cold for other reasons.
  init(
    _ dataset: SequenceDataset, name: String, trainingLengths: [Int32],
    targetPlaces: [Part: [Int32]], askedRanges: [Part: [Range<Int32>]]? = nil,
    coldTargetCounts: [Part: Int] = [:]
  ) {
    self.askedRanges =
      askedRanges
      ?? targetPlaces.mapValues { places in places.map { $0 < 0 ? 0..<0 : $0..<$0 + 1 } }
    var (targetPlaces, coldTargetCounts) = (targetPlaces, coldTargetCounts)
    if let unknown = dataset.vocabulary.unknown {
      for (part, places) in targetPlaces {
        for (user, place) in places.enumerated()
        where place >= 0 && dataset[user].dropFirst(Int(place)).first == unknown {
          targetPlaces[part]?[user] = -1
          coldTargetCounts[part, default: 0] += 1
        }
      }
    }
    self.dataset = dataset
    self.name = name
    self.trainingLengths = trainingLengths
    self.targetPlaces = targetPlaces
    self.coldTargetCounts = coldTargetCounts
  }

  /// Says how events are parted, and checks that each part has some.
  ///
  /// - Throws: `DataError.emptyPart` if nothing is left for training, or a part asks nobody.
  mutating func requireTargets(_ kind: SplitKind) throws(DataError) {
    self.kind = kind
    guard trainingLengths.contains(where: { $0 > 0 }) else {
      throw .emptyPart(path: dataset.source.name, part: "training", split: kind)
    }
    // With an unknown item a part may be about events, and have no item to be ranked.
    for part in Part.allCases
    where !places(of: part).contains(where: { $0 >= 0 })
      && !(dataset.vocabulary.hasUnknown && askedRanges[part]?.contains { !$0.isEmpty } ?? false)
    {
      throw .emptyPart(path: dataset.source.name, part: part.rawValue, split: kind)
    }
  }

  /// s₀ …: what a model may be trained on.
  public func training(of user: Int) -> Slice<Column<Int32>> {
    dataset[user].prefix(Int(trainingLengths[user]))
  }

  /// The number of training events.
  public var trainingEventCount: Int { trainingLengths.reduce(0) { $0 + Int($1) } }

  /// How often the training parts hold each item, by item index; index 0 is unused.
  public var trainingCounts: [Int] {
    var counts = [Int](repeating: 0, count: dataset.itemCount + 1)
    for user in 0..<dataset.userCount {
      for item in training(of: user) where item <= dataset.itemCount { counts[Int(item)] += 1 }
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
  public func nextItemExamples(maximumLength: Int) -> [Example] {
    precondition(maximumLength >= 1, "maximumLength \(maximumLength) is not positive")
    return (0..<dataset.userCount).compactMap { user in
      trainingInputs(of: user, maximumLength: maximumLength).map {
        Example(sequence: Int32(user), inputs: $0)
      }
    }
  }

  /// The places, among the dataset's events, of those of a user that a part is about: all in a
  /// stretch of time, or of a held-out user, and else the target alone. Tasks that ask about events
  /// ask about each of them.
  public func askedPlaces(of user: Int, for part: Part) -> Range<Int> {
    let range = askedRanges[part]?[user] ?? 0..<0
    let start = Int(dataset.offsets[user])
    return start + Int(range.lowerBound)..<start + Int(range.upperBound)
  }

  /// The users whom a part asks for an item, ascending.
  public func users(of part: Part) -> [Int32] {
    let places = places(of: part)
    return places.indices.filter { places[$0] >= 0 }.map { Int32($0) }
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

  private func places(of part: Part) -> [Int32] { targetPlaces[part] ?? [] }

  private func place(of user: Int, for part: Part) -> Int {
    let place = Int(places(of: part)[user])
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
    let counts = (0..<dataset.userCount).map { Int32(dataset[$0].count) }
    let least = Int32(SequenceDataset.minimumEventCount)
    return Split(
      dataset, name: "leave-one-out", trainingLengths: counts.map { $0 < least ? $0 : $0 - 2 },
      targetPlaces: [
        .validation: counts.map { $0 < least ? -1 : $0 - 2 },
        .test: counts.map { $0 < least ? -1 : $0 - 1 },
      ])
  }
}
