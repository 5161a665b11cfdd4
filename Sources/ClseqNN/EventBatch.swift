public import ClseqOps

/// A ragged batch on a backend: N events of B sequences, one sequence after another.
///
/// Nothing is padded: sequence `b` owns the events `offsets[b] ..< offsets[b + 1]`.
public struct EventBatch {
  /// Item, time and sequence of each event.
  public let events: EventIndices
  /// First event of each sequence, `[B + 1]`.
  public let offsets: Indices
  /// Row of the item that follows each event, `[N]`.
  public let targets: Indices
  /// Events whose target is an item of the catalogue.
  public let targetCount: Int
  /// Length of the longest sequence.
  public let maximumLength: Int
  /// What else is known of the events.
  public var inputs = EventInputs()

  /// A batch of parts that are on one backend already.
  ///
  /// - Parameter targetCount: events whose target is an item of the catalogue; all when nil.
  public init(
    events: EventIndices, offsets: Indices, targets: Indices, targetCount: Int? = nil,
    maximumLength: Int
  ) {
    precondition(
      targets.count == events.count && offsets.count > 0,
      "EventBatch: \(events.count) events, \(targets.count) targets, \(offsets.count) offsets")
    self.events = events
    self.offsets = offsets
    self.targets = targets
    self.targetCount = targetCount ?? events.count
    self.maximumLength = maximumLength
  }

  /// N.
  public var eventCount: Int { events.count }
  /// B.
  public var sequenceCount: Int { offsets.count - 1 }
}
