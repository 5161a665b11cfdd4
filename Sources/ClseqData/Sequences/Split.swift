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
  public let name: String
  /// Events of each user, from the first on, that a model may be trained on.
  private let trainingLengths: [Int32]
  /// For each part the place of each user's target among the user's events; -1 for none.
  private let targetPlaces: [Part: [Int32]]
  /// For each part the targets that no model can rank, because training holds no event of them.
  private let coldTargetCounts: [Part: Int]

  init(
    _ dataset: SequenceDataset, name: String, trainingLengths: [Int32],
    targetPlaces: [Part: [Int32]], coldTargetCounts: [Part: Int] = [:]
  ) {
    self.dataset = dataset
    self.name = name
    self.trainingLengths = trainingLengths
    self.targetPlaces = targetPlaces
    self.coldTargetCounts = coldTargetCounts
  }

  /// s₀ …: what a model may be trained on.
  public func training(of user: Int) -> Slice<Column<Int32>> {
    dataset[user].prefix(Int(trainingLengths[user]))
  }

  /// Where the most recent inputs of a user's training part stand among the dataset's items: all
  /// but its last event, cut to `maximumLength`. Nil if it has less than two events.
  func trainingInputs(of user: Int, maximumLength: Int) -> Range<Int>? {
    let inputs = training(of: user).indices.dropLast().suffix(maximumLength)
    return inputs.isEmpty ? nil : inputs
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
    dataset.items[Int(dataset.offsets[user]) + place(of: user, for: part)]
  }

  /// The distinct items of the history without the target, ascending: what full ranking leaves
  /// out.
  public func exclusions(of user: Int, for part: Part) -> [Int32] {
    let target = target(of: user, for: part)
    var seen = history(of: user, for: part).sorted()
    var count = 0
    for item in seen where item != target && (count == 0 || seen[count - 1] != item) {
      seen[count] = item
      count += 1
    }
    seen.removeSubrange(count...)
    return seen
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
  /// the validation, and the rest is for training. The vocabulary is that of the whole log.
  ///
  /// A user's training events may be later than another's test event: see ``leaveOneOutLeak(of:)``.
  public static func leaveOneOut(_ dataset: SequenceDataset) -> Split {
    let counts = (0..<dataset.userCount).map { Int32(dataset[$0].count) }
    return Split(
      dataset, name: "leave-one-out", trainingLengths: counts.map { $0 - 2 },
      targetPlaces: [.validation: counts.map { $0 - 2 }, .test: counts.map { $0 - 1 }])
  }
}
