/// What a dataset knows of its events: a column each, by the place of the event, users one after
/// another.
public struct EventColumns: Sendable, Equatable {
  /// The items as indices 1…V; V + 1 for one that the vocabulary does not tell apart (see
  /// ``Vocabulary/hasUnknown``).
  public var items: Column<Int32>
  /// Microseconds since 1970; nil where the log has no times.
  public var times: Column<Int64>?
  /// The event type as an index from 0, -1 where it is missing; nil where the log has none.
  public var types: Column<Int32>?
  /// The number of the event's session among those of its user, from 0 in the order in which they
  /// begin; nil where there are no sessions.
  public var sessions: Column<Int32>?
  /// The label; NaN where it is missing, nil where the log has none.
  public var labels: Column<Double>?
  /// The numbers of each feature as the log has them, NaN where one is missing; in the order of
  /// ``SequenceDataset/features``.
  public var features: [Column<Double>] = []

  /// Events of which only the items are known.
  public init(items: Column<Int32>) { self.items = items }

  /// Some of the events.
  ///
  /// - Parameters:
  ///   - places: Their places, in the order wanted.
  ///   - items: Their items, perhaps under another vocabulary.
  func selecting(_ places: [Int], items: [Int32]) -> EventColumns {
    var selected = EventColumns(items: Column(items))
    selected.times = times.map { column in Column(places.map { column[$0] }) }
    selected.types = types.map { column in Column(places.map { column[$0] }) }
    selected.sessions = sessions.map { column in Column(places.map { column[$0] }) }
    selected.labels = labels.map { column in Column(places.map { column[$0] }) }
    selected.features = features.map { column in Column(places.map { column[$0] }) }
    return selected
  }
}
