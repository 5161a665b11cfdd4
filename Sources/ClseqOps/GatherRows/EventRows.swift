/// Some events of a batch: those whose states are wanted.
public struct EventRows {
  /// The events, `[S]`, each in `0 ..< N`.
  public let rows: Indices
  /// `RowIndex(rows, rowCount: N)`; needed in training.
  public let index: DeviceRowIndex?
  /// The events themselves, which key random numbers; needed in training.
  public let events: EventIndices?

  /// Some events of a batch.
  public init(_ rows: Indices, index: DeviceRowIndex? = nil, events: EventIndices? = nil) {
    precondition(
      events.map { $0.count == rows.count } ?? true,
      "EventRows: \(rows.count) rows of \(events?.count ?? 0) events")
    (self.rows, self.index, self.events) = (rows, index, events)
  }
}

extension Tape {
  /// Some rows of a matrix; all of them when `rows` is nil.
  ///
  /// - Parameters:
  ///   - rows: S of them.
  ///   - x: `[N, D]`.
  /// - Returns: `[S, D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func rows(_ rows: EventRows?, of x: Tensor) throws -> Tensor {
    guard let rows else { return x }
    return try gather(x, rows: rows.rows, index: rows.index)
  }
}
