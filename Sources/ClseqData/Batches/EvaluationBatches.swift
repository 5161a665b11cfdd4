/// Users to be ranked for, with what full ranking must leave out.
public struct EvaluationBatch: Sendable, Equatable {
  /// The most recent inputs of each user, longest first; the target of a sequence's last event is
  /// the user's target.
  public let inputs: RaggedBatch
  /// [B] The user of each sequence, an index of the dataset.
  public let users: [Int32]
  /// [B] The item to be ranked for each user, 1…V.
  public let targets: [Int32]
  /// [B] The row of each user's last event in `inputs`.
  public let lastEvents: [Int32]
  /// [S] The items that are no candidates for each user, ascending and distinct; one user after
  /// another. A target among them is missed.
  public let seen: [Int32]
  /// [B + 1] Where those of each user start, and last S.
  public let seenOffsets: [Int32]
  /// The only items that each user's target is ranked among; nil for all that were not seen.
  public let candidates: CandidateLists?
}

/// The items that the targets of a batch are ranked among, where these are few.
public struct CandidateLists: Sendable, Equatable {
  /// [C] The distinct items of one user after another; the target may be among them.
  public private(set) var items: [Int32] = []
  /// [B + 1] Where each user's items start, and last C.
  public private(set) var offsets: [Int32] = [0]

  mutating func append(_ items: [Int32]) {
    self.items += items
    offsets.append(Int32(self.items.count))
  }
}

/// The batches of a part of the split, users in the order of the dataset (inside a batch the
/// longest first). Each is built when it is needed, on whatever thread.
public struct EvaluationBatches: RandomAccessCollection, Sendable {
  private let split: Split
  private let part: Split.Part
  private let maximumLength: Int
  private let mask: Int32?
  /// The requested users.
  private let users: [Int32]
  /// How many they are.
  package var userCount: Int { users.count }
  private let ranges: [Range<Int>]
  /// The inputs of all batches.
  public let eventCount: Int

  /// - Parameters:
  ///   - split: The data.
  ///   - part: The part whose targets are ranked.
  ///   - maximumLength: L, the maximum number of inputs of a sequence; at least 1.
  ///   - batchSize: The size of a batch, of at least 1.
  public init(
    _ split: Split, part: Split.Part, maximumLength: Int, batchSize: BatchSize
  ) {
    self.init(
      split, part: part, maximumLength: maximumLength, partition: { batchSize.partition($0) })
  }

  /// The same, cut into batches by a function of the lengths of the sequences.
  ///
  /// - Parameter mask: The row of the mask that takes the target's place; nil for a model that predicts the
  ///   target from the state of the event before it.
  package init(
    _ split: Split, part: Split.Part, maximumLength: Int, endingWith mask: Int32? = nil,
    partition: (LazyMapSequence<[Int32], Int>) -> [Range<Int>]
  ) {
    precondition(maximumLength >= 1, "maximumLength \(maximumLength) is not positive")
    self.split = split
    self.part = part
    self.maximumLength = maximumLength
    self.mask = mask
    let users = split.users(of: part)
    let lengths = users.lazy.map {
      Swift.min(maximumLength, split.history(of: Int($0), for: part).count) + (mask == nil ? 0 : 1)
    }
    self.users = users
    ranges = partition(lengths)
    eventCount = lengths.reduce(0, +)
  }

  /// Always 0.
  public var startIndex: Int { 0 }

  /// The number of batches.
  public var endIndex: Int { ranges.count }

  /// Builds a batch.
  public subscript(index: Int) -> EvaluationBatch {
    let inputs = RaggedBatch(
      users[ranges[index]].map { user in
        Example(
          sequence: user,
          inputs: split.history(of: Int(user), for: part).indices.suffix(maximumLength))
      }, of: split.dataset, endingWith: mask)
    let lastEvents = inputs.offsets.dropFirst().map { $0 - 1 }
    let users = lastEvents.map { inputs.sequences[Int($0)] }
    var seen: [Int32] = []
    var seenOffsets: [Int32] = [0]
    var candidates = CandidateLists()
    for user in users {
      if split.isSampled {
        candidates.append(split.candidates(of: Int(user), for: part) ?? [])
      } else {
        seen.append(contentsOf: split.exclusions(of: Int(user), for: part))
      }
      seenOffsets.append(Int32(seen.count))
    }
    return EvaluationBatch(
      inputs: inputs, users: users, targets: lastEvents.map { inputs.targets[Int($0)] },
      lastEvents: lastEvents, seen: seen, seenOffsets: seenOffsets,
      candidates: split.isSampled ? candidates : nil)
  }
}
