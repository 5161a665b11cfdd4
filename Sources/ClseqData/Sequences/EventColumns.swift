/// The values of a dataset's events: one column per value, one element per event, users one after
/// another.
public struct EventColumns: Sendable, Equatable {
  /// The items as indices 1…V; V + 1 for the unknown item (see
  /// ``Vocabulary/hasUnknown``).
  public var items: Column<Int32>
  /// Microseconds since 1970; nil if the log has no times.
  public var times: Column<Int64>?
  /// The event type as an index from 0, -1 if it is missing; nil if the log has none.
  public var types: Column<Int32>?
  /// The number of the event's session among those of its user, from 0 in the order in which they
  /// begin; nil without sessions.
  public var sessions: Column<Int32>?
  /// The label; NaN if it is missing, nil if the log has none.
  public var labels: Column<Double>?
  /// The numbers of each feature as in the log, NaN if one is missing; in the order of
  /// ``SequenceDataset/features``.
  public var features: [Column<Double>] = []
  /// Whether each event came with the last of several logs; nil of one log alone. It is not written to
  /// dataset folders.
  public var additions: Column<Bool>?

  /// Events with known items only.
  public init(items: Column<Int32>) { self.items = items }

  /// Some of the events.
  ///
  /// - Parameters:
  ///   - places: Their places, in the order of the result.
  ///   - items: Their items, perhaps under another vocabulary.
  func selecting(_ places: [Int], items: [Int32]) -> EventColumns {
    var selected = EventColumns(items: Column(items))
    selected.times = times.map { column in Column(places.map { column[$0] }) }
    selected.types = types.map { column in Column(places.map { column[$0] }) }
    selected.sessions = sessions.map { column in Column(places.map { column[$0] }) }
    selected.labels = labels.map { column in Column(places.map { column[$0] }) }
    selected.features = features.map { column in Column(places.map { column[$0] }) }
    selected.additions = additions.map { column in Column(places.map { column[$0] }) }
    return selected
  }
}
