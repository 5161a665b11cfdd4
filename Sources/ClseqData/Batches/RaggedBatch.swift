/// A batch without padding: B sequences of together N events, longest sequence first.
///
/// Shapes: `items`, `targets`, `times`, `sequences` and `places` are [N], `offsets` is [B + 1];
/// sequence b has the events `offsets[b] ..< offsets[b + 1]`.
public struct RaggedBatch: Sendable, Equatable {
  /// The input item of each event, 1…V.
  public internal(set) var items: [Int32] = []
  /// The item that follows each event, 1…V; 0 for the last event of a user.
  public internal(set) var targets: [Int32] = []
  /// Where each sequence starts, and last N.
  public internal(set) var offsets: [Int32] = [0]
  /// The position of each event in its cut sequence, from 0.
  public internal(set) var times: [Int32] = []
  /// For each event the index of its sequence in the dataset, which keys random numbers.
  public internal(set) var sequences: [Int32] = []
  /// Where each event stands among those of the dataset.
  public internal(set) var places: [Int] = []
  /// [S] The events with a target, by row, ascending.
  public internal(set) var targetRows: [Int32] = []
  /// Whether all that is known of an event is hidden, not its item alone; empty where nothing is.
  public internal(set) var isHidden: [Bool] = []
  /// Of hidden events that were generated the code of their type in the encoding of inputs, 0 for none, and −1 for that
  /// of the event at their place; empty where none was generated.
  package internal(set) var hiddenTypes: [Int32] = []
  /// Whether a model that writes is given its own guess in an event's place, in training; empty where it is given none.
  public internal(set) var isGuessed: [Bool] = []
  /// Whether a model that writes sequences back is not given an event before it writes the next one, in training; empty
  /// where it is given all.
  public internal(set) var isForgotten: [Bool] = []
  /// The part that each event has in a sequence with a summary; empty where there is none.
  public internal(set) var segments: [Segment] = []

  /// N.
  public var eventCount: Int { items.count }

  /// Whether all that is known of an event is hidden.
  package func hides(_ event: Int) -> Bool { !isHidden.isEmpty && isHidden[event] }

  /// B.
  public var sequenceCount: Int { offsets.count - 1 }

  /// [B] The length of each sequence.
  public var lengths: [Int] { zip(offsets, offsets.dropFirst()).map { Int($1 - $0) } }

  /// T, the length of the longest sequence.
  public var maximumLength: Int { offsets.count > 1 ? Int(offsets[1]) : 0 }

  init() {}

  /// Builds a batch of examples.
  ///
  /// - Parameters:
  ///   - examples: Stretches of the dataset's events; put in order of length, longest first,
  ///     equal ones as they come.
  ///   - dataset: The dataset.
  ///   - mask: The row of the mask, for a model that predicts an event in its place: every sequence then
  ///     ends with one more event, of which nothing is known. It alone has a target.
  public init(_ examples: [Example], of dataset: SequenceDataset, endingWith mask: Int32? = nil) {
    let total = examples.reduce(0) { $0 + $1.inputs.count + (mask == nil ? 0 : 1) }
    items.reserveCapacity(total)
    targets.reserveCapacity(total)
    times.reserveCapacity(total)
    sequences.reserveCapacity(total)
    places.reserveCapacity(total)
    targetRows.reserveCapacity(total)
    for example in Self.longestFirst(examples) {
      let (inputs, first) = (example.inputs, items.count)
      let end = Int(dataset.offsets[Int(example.sequence) + 1])
      items.append(contentsOf: dataset.items[inputs])
      targets.append(
        contentsOf: dataset.items[inputs.lowerBound + 1..<min(inputs.upperBound + 1, end)])
      if inputs.upperBound == end { targets.append(0) }
      times.append(contentsOf: 0..<Int32(inputs.count))
      sequences.append(contentsOf: repeatElement(example.sequence, count: inputs.count))
      places.append(contentsOf: inputs)
      if let mask {
        appendMask(mask)
      } else {
        targetRows.append(
          contentsOf: Int32(
            first + example.targets.lowerBound - inputs.lowerBound)..<Int32(items.count)
        )
      }
      offsets.append(Int32(items.count))
    }
  }

  /// Builds a batch of histories that go on with other events, of which nothing but their items and perhaps their
  /// types is known.
  ///
  /// - Parameters:
  ///   - continuations: Longest first; the last event of each is a target row.
  ///   - dataset: The dataset of the histories.
  package init(_ continuations: [Continuation], of dataset: SequenceDataset) {
    for continuation in continuations {
      let (history, more) = (continuation.history, continuation.items)
      let first = continuation.firstTime
      precondition(
        sequenceCount == 0 || Int(offsets[1]) >= continuation.count,
        "RaggedBatch: a continuation of \(continuation.count) after one of \(offsets[1])")
      items += dataset.items[history] + more
      times += Int32(first)..<Int32(first + continuation.count)
      sequences += repeatElement(continuation.sequence, count: continuation.count)
      places += Array(history) + repeatElement(continuation.last, count: more.count)
      isHidden += repeatElement(false, count: history.count)
      isHidden += repeatElement(true, count: more.count)
      hiddenTypes += repeatElement(0, count: history.count) + continuation.types
      offsets.append(Int32(items.count))
      targetRows.append(Int32(items.count - 1))
    }
    targets = [Int32](repeating: 0, count: items.count)
  }

  /// Ends a sequence with the mask, in the place of the event after the last one.
  private mutating func appendMask(_ mask: Int32) {
    let last = items.count - 1
    isHidden += [Bool](repeating: false, count: last + 1 - isHidden.count) + [true]
    items.append(mask)
    targets.append(targets[last])
    targets[last] = 0
    times.append(times[last] + 1)
    sequences.append(sequences[last])
    // What was last before the prediction.
    places.append(places[last])
    targetRows.append(Int32(last + 1))
  }

  /// The order of sequences in a batch.
  static func longestFirst(_ examples: some Collection<Example>) -> [Example] {
    // Swift's sort is stable, but its documentation does not promise it.
    let examples = Array(examples)
    let order = examples.indices.sorted {
      (-examples[$0].inputs.count, $0) < (-examples[$1].inputs.count, $1)
    }
    return order.map { examples[$0] }
  }
}

extension RaggedBatch {
  /// A training batch of chosen users; those with nothing to train on are left out.
  ///
  /// - Parameters:
  ///   - users: The users, by index in the dataset.
  ///   - split: The data.
  ///   - maximumLength: L, the maximum number of inputs of a sequence; at least 1.
  public init(training users: some Sequence<Int>, of split: Split, maximumLength: Int) {
    self.init(
      users.compactMap { user in
        split.trainingInputs(of: user, maximumLength: maximumLength).map {
          Example(sequence: Int32(user), inputs: $0)
        }
      }, of: split.dataset)
  }
}
