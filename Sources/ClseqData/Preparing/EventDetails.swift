/// Further values of events besides user, item, type and time, between log and dataset: a row of
/// 64-bit words per event, in the partition of the event's user.
struct EventDetails: ~Copyable {
  /// The words of a row after the number of the event.
  struct Layout: Equatable {
    /// Columns of features.
    var featureCount = 0
    /// Whether the seconds from time to end time follow.
    var hasDuration = false
    /// Whether the label follows.
    var hasLabel = false
    /// Whether the session follows.
    var hasSession = false

    /// Words of a row.
    var wordCount: Int {
      1 + featureCount + (hasDuration ? 1 : 0) + (hasLabel ? 1 : 0) + (hasSession ? 1 : 0)
    }
    /// Whether a row has values.
    var isEmpty: Bool { wordCount == 1 }
    var duration: Int { 1 + featureCount }
    var label: Int { duration + (hasDuration ? 1 : 0) }
    var session: Int { label + (hasLabel ? 1 : 0) }
  }

  let layout: Layout
  private var spool: PartitionSpool<UInt64>

  init(_ layout: Layout, folder: String, byteBudget: Int) {
    self.layout = layout
    spool = PartitionSpool(folder: folder, byteBudget: byteBudget)
  }

  /// Adds the values of the stream's latest event.
  mutating func append(
    _ event: SpooledEvent, of stream: borrowing InteractionStream, to partition: Int
  ) throws(DataError) {
    if layout.isEmpty { return }
    try spool.append(UInt64(event.row), to: partition)
    for index in 0..<layout.featureCount {
      try spool.append(stream.feature(index).bitPattern, to: partition)
    }
    if layout.hasDuration {
      let seconds = stream.endTime.map { Double($0) / 1e6 - Double(event.time) / 1e6 }
      try spool.append((seconds ?? .nan).bitPattern, to: partition)
    }
    if layout.hasLabel { try spool.append((stream.label ?? .nan).bitPattern, to: partition) }
    if layout.hasSession { try spool.append(stream.session ?? 0, to: partition) }
  }

  /// Adds the values of an event of a dataset.
  ///
  /// - Parameters:
  ///   - numbers: The columns of the features.
  ///   - durations: That of the duration, if there is one.
  ///   - place: The event's place in the dataset.
  mutating func append(
    _ event: SpooledEvent, of events: EventColumns, numbers: [Column<Double>],
    durations: Column<Double>?, at place: Int, to partition: Int
  ) throws(DataError) {
    if layout.isEmpty { return }
    try spool.append(UInt64(event.row), to: partition)
    for column in numbers { try spool.append(column[place].bitPattern, to: partition) }
    if layout.hasDuration {
      try spool.append((durations?[place] ?? .nan).bitPattern, to: partition)
    }
    if layout.hasLabel {
      try spool.append((events.labels?[place] ?? .nan).bitPattern, to: partition)
    }
    if layout.hasSession {
      try spool.append(UInt64(events.sessions?[place] ?? 0), to: partition)
    }
  }

  /// The rows of a partition.
  func rows(of partition: Int) throws(DataError) -> Rows {
    Rows(layout: layout, words: layout.isEmpty ? [] : try spool.records(of: partition))
  }

  /// The details of the events of one partition.
  struct Rows {
    let layout: Layout
    fileprivate let words: [UInt64]

    /// The place of an event's row among the words. Rows lie in the order of the log, in which the
    /// numbers of one partition's events rise.
    func place(of event: SpooledEvent) -> Int {
      let stride = layout.wordCount
      var (low, high) = (0, words.count / stride)
      while low < high {
        let middle = (low + high) / 2
        if words[middle * stride] < UInt64(event.row) { low = middle + 1 } else { high = middle }
      }
      return low * stride
    }

    /// A number of the row at a place.
    func number(_ word: Int, at place: Int) -> Double { Double(bitPattern: words[place + word]) }

    /// The bits of an event's label; 0 where there are no labels.
    func labelBits(of event: SpooledEvent) -> UInt64 {
      layout.hasLabel ? words[place(of: event) + layout.label] : 0
    }

    /// The session of the row at a place: the hash of its token.
    func session(at place: Int) -> UInt64 { words[place + layout.session] }
  }
}
