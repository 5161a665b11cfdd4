/// A log, or a dataset, that a preparation has read.
struct ReadLog {
  /// Its path as it was given.
  var path: String
  var format: LogFormat
  var hash: String
  /// The number of the last of its events, among those of all logs.
  var lastRow: UInt32
  /// The latest time so far, in microseconds since 1970.
  var latestTime: Int64
  /// Users met so far.
  var userCount: Int
  /// Items met so far.
  var itemCount: Int

  /// The name without its folder.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}

extension [ReadLog] {
  /// Which log an event came with, from 0.
  func place(ofRow row: UInt32) -> Int { firstIndex { row <= $0.lastRow } ?? count - 1 }
}

/// Leaves out events of a log that earlier logs have: those of the same user, item, type, time and label.
///
/// Where a log has equal events itself, as many remain as the log with the most of them has.
struct SeenEvents {
  private struct Key: Hashable {
    var item: Int32
    var type: Int32
    /// The bits of the label.
    var label: UInt64
  }

  private struct Tally {
    var log: Int
    /// Equal events that remain of earlier logs.
    var earlier = 0
    /// Equal events of this log.
    var own = 0
  }

  private let logs: [ReadLog]
  /// The events left out so far.
  private(set) var count = 0

  init(_ logs: [ReadLog]) { self.logs = logs }

  /// Leaves events of a partition out.
  ///
  /// - Parameter events: By user, time and row.
  mutating func leaveOut(of events: inout [SpooledEvent], _ rows: EventDetails.Rows) {
    var (kept, start) = (0, 0)
    while start < events.count {
      let (user, time) = (events[start].user, events[start].time)
      var end = start
      while end < events.count, events[end].user == user, events[end].time == time { end += 1 }
      // Events of one user and time are in the order of the logs.
      let isOfOne =
        logs.place(ofRow: events[start].row) == logs.place(ofRow: events[end - 1].row)
      var tallies: [Key: Tally] = [:]
      for index in start..<end {
        let event = events[index]
        guard isOfOne || isUnseen(event, rows, &tallies) else { continue }
        events[kept] = event
        kept += 1
      }
      start = end
    }
    count += events.count - kept
    events.removeSubrange(kept...)
  }

  private func isUnseen(
    _ event: SpooledEvent, _ rows: EventDetails.Rows, _ tallies: inout [Key: Tally]
  ) -> Bool {
    let log = logs.place(ofRow: event.row)
    let key = Key(item: event.item, type: event.type, label: rows.labelBits(of: event))
    var tally = tallies[key] ?? Tally(log: log)
    if tally.log != log {
      tally = Tally(log: log, earlier: max(tally.earlier, tally.own))
    }
    tally.own += 1
    tallies[key] = tally
    return tally.own > tally.earlier
  }
}
