/// Writes the events of one user after another to the columns of a dataset, in memory or in files.
struct DatasetColumns {
  /// The columns of the dataset.
  struct Layout {
    var hasTimes: Bool
    var hasTypes: Bool
    /// Microseconds after which a session ends; nil for those of a column, if there is one.
    var sessionGap: Int64?
    var details: EventDetails.Layout
    var features: [FeatureRequest]
    /// Of several logs the last row and the latest time before the last log; nil of one log.
    var lastLog: (row: UInt32, time: Int64)?

    var hasSessions: Bool { sessionGap != nil || details.hasSession }
  }

  private let layout: Layout
  private let offsets: ColumnWriter<Int64>
  private let items: ColumnWriter<Int32>
  private let times: ColumnWriter<Int64>?
  private let types: ColumnWriter<Int32>?
  private let sessions: ColumnWriter<Int32>?
  private let labels: ColumnWriter<Double>?
  private let features: [ColumnWriter<Double>]
  private(set) var eventCount = 0
  /// The users so far, as indices of tokens.
  private(set) var users: [Int32] = []
  /// The events of the last of several logs, and those of them that are older than the latest event before.
  private(set) var added = (events: 0, late: 0)
  /// Whether each event is of the last log; only in memory.
  private let additions: ColumnWriter<Bool>?

  /// - Parameter folder: The folder of the files; nil to keep columns in memory.
  init(_ layout: Layout, in folder: String?) throws(DataError) {
    typealias Names = DatasetFolder
    self.layout = layout
    offsets = try ColumnWriter(Names.offsets, in: folder)
    items = try ColumnWriter(Names.items, in: folder)
    times = layout.hasTimes ? try ColumnWriter(Names.times, in: folder) : nil
    types = layout.hasTypes ? try ColumnWriter(Names.types, in: folder) : nil
    sessions = layout.hasSessions ? try ColumnWriter(Names.sessions, in: folder) : nil
    labels = layout.details.hasLabel ? try ColumnWriter(Names.labels, in: folder) : nil
    additions =
      layout.lastLog != nil && folder == nil ? try ColumnWriter("additions", in: nil) : nil
    var features: [ColumnWriter<Double>] = []
    for index in layout.features.indices {
      features.append(try ColumnWriter(Names.feature(index), in: folder))
    }
    self.features = features
  }

  /// Appends a user's events, at least one.
  ///
  /// - Parameters:
  ///   - vocabulary: The items' indices.
  ///   - rows: The details of the partition.
  mutating func append(
    _ events: ArraySlice<SpooledEvent>, _ vocabulary: VocabularyIndices, _ rows: EventDetails.Rows
  ) throws(DataError) {
    try offsets.append(Int64(eventCount))
    users.append(events[events.startIndex].user)
    var counter = SessionCounter()
    var previous: Int64?
    for event in events {
      try items.append(vocabulary[event.item])
      try times?.append(event.time)
      try types?.append(event.type)
      let place = layout.details.isEmpty ? 0 : rows.place(of: event)
      if let gap = layout.sessionGap {
        try sessions?.append(counter.next(at: event.time, gap: gap))
      } else if layout.hasSessions {
        try sessions?.append(counter.next(token: rows.session(at: place)))
      }
      try labels?.append(rows.number(layout.details.label, at: place))
      try appendFeatures(of: event, after: previous, rows, place)
      if let last = layout.lastLog {
        try additions?.append(event.row > last.row)
        if event.row > last.row { added.events += 1 }
        if event.row > last.row && event.time < last.time { added.late += 1 }
      }
      previous = event.time
    }
    eventCount += events.count
  }

  private func appendFeatures(
    of event: SpooledEvent, after previous: Int64?, _ rows: EventDetails.Rows, _ place: Int
  ) throws(DataError) {
    // Columns come first, in the order of a row.
    for (index, writer) in features.enumerated() {
      switch layout.features[index].origin {
      case .column, .timeColumn: try writer.append(rows.number(1 + index, at: place))
      case .duration: try writer.append(rows.number(layout.details.duration, at: place))
      case let origin: try writer.append(origin.number(at: event.time, after: previous))
      }
    }
  }

  /// Ends the columns.
  ///
  /// - Parameter files: Gets the written files.
  func finish(
    _ files: inout [String: DatasetManifest.File]
  ) throws(DataError) -> (offsets: Column<Int64>, events: EventColumns) {
    try offsets.append(Int64(eventCount))
    let offsets = try offsets.finish(&files)
    var events = EventColumns(items: try items.finish(&files))
    events.times = try times?.finish(&files)
    events.types = try types?.finish(&files)
    events.sessions = try sessions?.finish(&files)
    events.labels = try labels?.finish(&files)
    events.additions = try additions?.finish(&files)
    for feature in features { events.features.append(try feature.finish(&files)) }
    return (offsets, events)
  }
}
