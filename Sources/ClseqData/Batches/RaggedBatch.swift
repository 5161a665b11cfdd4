/// A batch without padding: B sequences of together N events, longest sequence first.
///
/// Shapes: `items`, `targets`, `times`, `sequences` and `places` are [N], `offsets` is [B + 1];
/// sequence b has the events `offsets[b] ..< offsets[b + 1]`.
public struct RaggedBatch: Sendable, Equatable {
  /// The input item of each event, 1…V.
  public private(set) var items: [Int32] = []
  /// The item that follows each event, 1…V; 0 for the last event of a user.
  public private(set) var targets: [Int32] = []
  /// Where each sequence starts, and last N.
  public private(set) var offsets: [Int32] = [0]
  /// The position of each event in its cut sequence, from 0.
  public private(set) var times: [Int32] = []
  /// For each event the index of its sequence in the dataset, which keys random numbers.
  public private(set) var sequences: [Int32] = []
  /// Where each event stands among those of the dataset.
  public private(set) var places: [Int] = []
  /// [S] The events with a target, by row, ascending.
  public private(set) var targetRows: [Int32] = []
  /// Whether all that is known of an event is hidden, not its item alone; empty where nothing is.
  public private(set) var isHidden: [Bool] = []
  /// Of hidden events that were generated the code of their type in the encoding of inputs, 0 for none, and −1 for that
  /// of the event at their place; empty where none was generated.
  package private(set) var hiddenTypes: [Int32] = []
  /// Whether a model that writes is given its own guess in an event's place, in training; empty where it is given none.
  public private(set) var isGuessed: [Bool] = []

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

  private init() {}

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
  /// The batch cut into smaller ones, of consecutive sequences each.
  ///
  /// - Parameter limit: The maximum number of events of a part; a longer sequence is a part of its own.
  public func parts(ofAtMost limit: Int) -> [RaggedBatch] {
    if eventCount <= limit { return [self] }
    return BatchSize.events(limit).partition(lengths).map(part)
  }

  /// The batch with more sequences, which are empty, as many distinct items as it may hold, and so many
  /// target rows, if not all are: the maximum memory that a batch of these sizes may take.
  func filledUp(sequenceCount: Int, targetRowCount: Int?, itemCount: Int) -> RaggedBatch {
    var batch = self
    let empty = max(0, sequenceCount - self.sequenceCount)
    batch.offsets += [Int32](repeating: Int32(eventCount), count: empty)
    batch.items = (0..<eventCount).map { Int32($0 % itemCount) + 1 }
    batch.targets = batch.items
    if let targetRowCount {
      batch.targetRows = Array(0..<Int32(min(targetRowCount, eventCount - 1)))
    }
    return batch
  }

  /// The batch with other inputs in place of some events, which become its targets.
  ///
  /// - Parameters:
  ///   - items: [N] The input item of each event.
  ///   - rows: The events to predict, ascending.
  func predicting(_ rows: [Int32], from items: [Int32]) -> RaggedBatch {
    precondition(
      items.count == eventCount, "RaggedBatch: \(items.count) items of \(eventCount) events")
    var batch = self
    batch.items = items
    batch.targetRows = rows
    batch.targets = [Int32](repeating: 0, count: eventCount)
    batch.isHidden = [Bool](repeating: false, count: eventCount)
    for row in rows {
      batch.targets[Int(row)] = self.items[Int(row)]
      batch.isHidden[Int(row)] = true
    }
    return batch
  }

  /// Stretches of the sequences as sequences of their own, longest first; they may overlap.
  ///
  /// - Parameter stretches: The rows of each, inside one sequence.
  func stretches(_ stretches: [Range<Int>]) -> RaggedBatch {
    let order = stretches.indices.sorted {
      (-stretches[$0].count, $0) < (-stretches[$1].count, $1)
    }
    let isTarget = Set(targetRows)
    var batch = RaggedBatch()
    for rows in order.map({ stretches[$0] }) {
      let first = Int32(batch.eventCount)
      batch.items += items[rows]
      batch.targets += targets[rows]
      batch.times += 0..<Int32(rows.count)
      batch.sequences += sequences[rows]
      batch.places += places[rows]
      if !isHidden.isEmpty { batch.isHidden += isHidden[rows] }
      batch.targetRows += rows.lazy.map(Int32.init).filter(isTarget.contains).map {
        $0 - Int32(rows.lowerBound) + first
      }
      batch.offsets.append(Int32(batch.eventCount))
    }
    return batch
  }

  /// A sequence cut in two.
  struct CutSequence {
    /// Its number in the batch.
    let sequence: Int
    /// How many of its events are read.
    let readCount: Int
    /// How many after them are written; the others are left out.
    let writtenCount: Int

    var count: Int { readCount + writtenCount }
  }

  /// The sequences cut in two, longest first: the events that are read, then a start in place of the first that
  /// is to be written, and each of the others in place of the one after it.
  func writing(_ parts: [CutSequence], after start: Int32) -> RaggedBatch {
    var batch = RaggedBatch()
    for number in parts.indices.sorted(by: { (-parts[$0].count, $0) < (-parts[$1].count, $1) }) {
      let part = parts[number]
      let first = Int(offsets[part.sequence])
      let events = first..<first + part.count
      let cut = first + part.readCount
      batch.targetRows += (part.readCount..<part.count).map { Int32(batch.items.count + $0) }
      batch.items += items[first..<cut]
      if part.writtenCount > 0 { batch.items += [start] + items[cut..<events.upperBound - 1] }
      batch.targets += repeatElement(0, count: part.readCount)
      batch.targets += items[cut..<events.upperBound]
      batch.isHidden += events.map { $0 >= cut }
      batch.times += times[events]
      batch.sequences += sequences[events]
      // What is written stands at the place of the event whose item it has, the start at that of the last one read.
      batch.places += events.map { places[$0 < cut ? $0 : max(first, $0 - 1)] }
      batch.offsets.append(Int32(batch.items.count))
    }
    return batch
  }

  /// The batch with some events to be guessed: written ones that follow another.
  func guessing(_ isGuessed: (_ row: Int) -> Bool, startingAt start: Int32) -> RaggedBatch {
    var batch = self
    batch.isGuessed = items.indices.map { hides($0) && items[$0] != start && isGuessed($0) }
    return batch
  }

  /// The batch with the last event of every sequence among its target rows, though perhaps without a target.
  public func withLastEvents() -> RaggedBatch {
    var batch = self
    let ends = zip(offsets, offsets.dropFirst()).filter { $0 < $1 }.map { $1 - 1 }
    batch.targetRows = Set(targetRows).union(ends).sorted()
    return batch
  }

  private func part(_ sequences: Range<Int>) -> RaggedBatch {
    let first = offsets[sequences.lowerBound]
    let events = Int(first)..<Int(offsets[sequences.upperBound])
    var part = self
    part.items = Array(items[events])
    part.targets = Array(targets[events])
    part.offsets = offsets[sequences.lowerBound...sequences.upperBound].map { $0 - first }
    part.times = Array(times[events])
    part.sequences = Array(self.sequences[events])
    part.places = Array(places[events])
    part.isHidden = isHidden.isEmpty ? [] : Array(isHidden[events])
    part.isGuessed = isGuessed.isEmpty ? [] : Array(isGuessed[events])
    part.targetRows = targetRows.filter { events.contains(Int($0)) }.map { $0 - first }
    return part
  }

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
