public import ClseqOps

/// A ragged batch on a backend: N events of B sequences, one sequence after another.
///
/// Nothing is padded: sequence `b` owns the events `offsets[b] ..< offsets[b + 1]`.
public struct EventBatch {
  /// Item, time and sequence of each event.
  public private(set) var events: EventIndices
  /// The sequences.
  public let shape: RaggedShape
  /// Types, time gaps and numbers of the events.
  public var inputs = EventInputs()
  /// The events that are read and those that are written, for a model that writes; nil for any other.
  public var sides: EventSides? {
    get { sidesOrNone.first }
    set { sidesOrNone = newValue.map { [$0] } ?? [] }
  }
  /// The events that a model which writes guesses in training; nil where all are true.
  public var guesses: EventGuesses?
  /// How each sequence is written back, for a model that compresses it; nil for any other.
  public var written: WrittenSequences?
  /// A side is a batch too, and a value cannot hold one of its own type.
  private var sidesOrNone: [EventSides] = []

  /// A batch of arrays that are on one backend already, of sequences of these lengths.
  public init(events: EventIndices, offsets: Indices, lengths: [Int]) {
    self.events = events
    shape = RaggedShape(offsets: offsets, lengths: lengths)
  }

  /// The batch with other items.
  ///
  /// - Parameter items: `[N]`.
  public func with(items: Indices) -> EventBatch {
    var batch = self
    batch.events = EventIndices(items: items, times: events.times, sequences: events.sequences)
    return batch
  }

  /// N.
  public var eventCount: Int { events.count }
  /// B.
  public var sequenceCount: Int { shape.sequenceCount }
  /// First event of each sequence, `[B + 1]`.
  public var offsets: Indices { shape.offsets }
  /// Length of the longest sequence.
  public var maximumLength: Int { shape.maximumLength }
}
