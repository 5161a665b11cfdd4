/// The events of a ragged batch, as ops on single events take them.
public struct EventIndices {
  /// Row of the item table, `[N]`.
  public let items: Indices
  /// Position in the cut sequence, from 0, `[N]`.
  public let times: Indices
  /// Index of the sequence in the dataset, `[N]`.
  public let sequences: Indices
  /// Events by item; needed in training.
  public let itemRows: DeviceRowIndex?
  /// Events by time; needed in training with learned positions.
  public let timeRows: DeviceRowIndex?

  /// Groups the arrays of N events.
  public init(
    items: Indices, times: Indices, sequences: Indices, itemRows: DeviceRowIndex? = nil,
    timeRows: DeviceRowIndex? = nil
  ) {
    precondition(
      items.count == times.count && items.count == sequences.count,
      "EventIndices: \(items.count) items, \(times.count) times, \(sequences.count) sequences")
    self.items = items
    self.times = times
    self.sequences = sequences
    self.itemRows = itemRows
    self.timeRows = timeRows
  }

  /// Number of events.
  public var count: Int { items.count }
}
