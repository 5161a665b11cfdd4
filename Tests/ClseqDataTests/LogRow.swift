import ClseqData
import ClseqTestSupport

/// An event as its tokens and its time in microseconds.
struct LogRow: Equatable, CustomStringConvertible {
  var user: String
  var item: String
  var time: Int64?
  var eventType: String?

  init(_ user: String, _ item: String, _ time: Int64? = nil, _ eventType: String? = nil) {
    (self.user, self.item, self.time, self.eventType) = (user, item, time, eventType)
  }

  var description: String {
    [user, item, time.map { "\($0)" }, eventType].compactMap { $0 }.joined(separator: " ")
  }
}

extension LogRow {
  /// All events of a log.
  static func read(
    _ path: String, _ options: ReadingOptions = ReadingOptions()
  ) throws(DataError) -> [LogRow] {
    var stream = try InteractionStream(path: path, options: options)
    var rows: [LogRow] = []
    while let event = try stream.next() {
      rows.append(
        LogRow(
          stream.users[Int(event.user)], stream.items[Int(event.item)], event.time,
          event.eventType.map { stream.eventTypes[Int($0)] }))
    }
    return rows
  }

  /// All events of a log with this text in a file of this name.
  static func read(
    _ name: String, _ text: String, _ options: ReadingOptions = ReadingOptions()
  ) throws -> [LogRow] {
    let file = try TemporaryFile(name, text)
    return try read(file.path, options)
  }
}
