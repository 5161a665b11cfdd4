/// A batch without padding: B sequences of together N events, longest sequence first.
///
/// Shapes: `items`, `targets`, `times` and `sequences` are [N], `offsets` is [B + 1]; sequence b
/// has the events `offsets[b] ..< offsets[b + 1]`.
public struct RaggedBatch: Sendable, Equatable {
  /// The input item of each event, 1…V.
  public private(set) var items: [Int32] = []
  /// The item that follows each event, 1…V.
  public private(set) var targets: [Int32] = []
  /// Where each sequence starts, and last N.
  public private(set) var offsets: [Int32] = [0]
  /// The position of each event in its cut sequence, from 0.
  public private(set) var times: [Int32] = []
  /// For each event the index of its sequence in the dataset, which keys random numbers.
  public private(set) var sequences: [Int32] = []

  /// N.
  public var eventCount: Int { items.count }

  /// B.
  public var sequenceCount: Int { offsets.count - 1 }

  /// T, the length of the longest sequence.
  public var maximumLength: Int { offsets.count > 1 ? Int(offsets[1]) : 0 }

  /// Builds a batch from stretches of the dataset's flat items: the inputs are
  /// `items[stretch]`, each target is the item one place further.
  ///
  /// - Parameter stretches: For each sequence its index in the dataset and the place of its
  ///   inputs; put in order of length, longest first, equal ones as they come.
  init(_ stretches: [(sequence: Int32, inputs: Range<Int>)], of flat: Column<Int32>) {
    let total = stretches.reduce(0) { $0 + $1.inputs.count }
    items.reserveCapacity(total)
    targets.reserveCapacity(total)
    times.reserveCapacity(total)
    sequences.reserveCapacity(total)
    for (sequence, inputs) in Self.longestFirst(stretches) {
      items.append(contentsOf: flat[inputs])
      targets.append(contentsOf: flat[inputs.lowerBound + 1..<inputs.upperBound + 1])
      times.append(contentsOf: 0..<Int32(inputs.count))
      sequences.append(contentsOf: repeatElement(sequence, count: inputs.count))
      offsets.append(Int32(items.count))
    }
  }

  static func longestFirst(
    _ stretches: [(sequence: Int32, inputs: Range<Int>)]
  ) -> [(sequence: Int32, inputs: Range<Int>)] {
    // Swift's sort is stable, but its documentation does not promise it.
    let order = stretches.indices.sorted {
      (-stretches[$0].inputs.count, $0) < (-stretches[$1].inputs.count, $1)
    }
    return order.map { stretches[$0] }
  }
}

extension RaggedBatch {
  /// A training batch of chosen users; those with nothing to train on are left out.
  ///
  /// - Parameters:
  ///   - users: The users, by index in the dataset.
  ///   - split: The data.
  ///   - maximumLength: L, the most inputs of a sequence; at least 1.
  public init(training users: some Sequence<Int>, of split: Split, maximumLength: Int) {
    let stretches = users.compactMap { user in
      split.trainingInputs(of: user, maximumLength: maximumLength).map { (Int32(user), $0) }
    }
    self.init(stretches, of: split.dataset.items)
  }
}
