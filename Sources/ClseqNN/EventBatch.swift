public import ClseqOps

/// A ragged batch on a backend: N events of B sequences, one sequence after another.
///
/// Nothing is padded: sequence `b` owns the events `offsets[b] ..< offsets[b + 1]`.
public struct EventBatch {
  /// Item, time and sequence of each event.
  public let events: EventIndices
  /// First event of each sequence, `[B + 1]`.
  public let offsets: Indices
  /// Length of the longest sequence.
  public let maximumLength: Int
  /// Types, time gaps and numbers of the events.
  public var inputs = EventInputs()

  /// A batch of arrays that are on one backend already.
  public init(events: EventIndices, offsets: Indices, maximumLength: Int) {
    precondition(offsets.count > 0, "EventBatch: no offsets")
    self.events = events
    self.offsets = offsets
    self.maximumLength = maximumLength
  }

  /// N.
  public var eventCount: Int { events.count }
  /// B.
  public var sequenceCount: Int { offsets.count - 1 }
}
