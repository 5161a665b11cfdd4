public import ClseqOps

/// One side of a batch: the events of each sequence that are read, or those that are written.
public struct EventSide {
  /// Which events of the batch they are.
  public let rows: EventRows
  /// The events, at their positions on this side.
  public let batch: EventBatch

  /// Some events of a batch.
  ///
  /// - Parameters:
  ///   - rows: their rows in the batch, with an index in training.
  ///   - events: the events; items are not looked up.
  ///   - offsets: first event of each sequence, and the end of the last.
  ///   - lengths: of each sequence.
  public init(_ rows: EventRows, events: EventIndices, offsets: Indices, lengths: [Int]) {
    self.rows = rows
    batch = EventBatch(events: events, offsets: offsets, lengths: lengths)
  }
}

/// Both sides of a batch for a model that reads the first events of each sequence and writes the others.
public struct EventSides {
  /// The events that are read; none in a step that goes on from earlier ones.
  public let read: EventSide
  /// The start of each sequence and the events that are written.
  public let written: EventSide
  /// Those of the written events, by number, whose states answer; nil for all.
  public let answers: Indices?

  /// The sides of a batch.
  public init(read: EventSide, written: EventSide, answers: Indices? = nil) {
    (self.read, self.written, self.answers) = (read, written, answers)
  }
}
