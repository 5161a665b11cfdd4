public import ClseqOps

extension Tape {
  /// `x` plus the vector of each event's position, `[N, D]`.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - positions: the vectors, `[T, D]`.
  ///   - events: N events; learned positions need their time rows in training.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func addPositions(
    _ x: Tensor, _ positions: PositionTable, events: EventIndices
  ) throws -> Tensor {
    switch positions {
    case .fixed(let table):
      return try add(x, try backend.gatherRows(table, rows: events.times))
    case .learned(let table):
      let places = EventIndices(
        items: events.times, times: events.times, sequences: events.sequences,
        itemRows: events.timeRows)
      return try add(x, try embedding(places, table: table, layer: ""))
    }
  }
}
