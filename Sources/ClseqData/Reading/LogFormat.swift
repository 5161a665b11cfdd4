/// The file formats of behaviour logs. The raw value is what `--format` takes.
public enum LogFormat: String, CaseIterable, Sendable, Codable {
  /// `user item`, one event a line, a user's events in the order of time.
  case events
  /// `user item item …`, one user a line, items in the order of time.
  case sequences
  /// RecBole's atomic file: TAB, a header of `name:type`, columns `user_id:token` and
  /// `item_id:token`, and `timestamp:float` if the order of the file is not that of time.
  case inter

  /// What the format asks of a file, for messages.
  public var summary: String {
    switch self {
    case .events: "user item text, one event a line"
    case .sequences: "user item item … text, one user a line"
    case .inter: "RecBole .inter"
    }
  }

  /// Recognises the format from the name and the first lines of a file.
  ///
  /// 1. A name that ends in `.inter`, or a first line of TAB-separated `name:type` fields, is
  ///    RecBole's.
  /// 2. Otherwise the first lines (256 KiB at most) decide: if a user begins two of them, or all
  ///    have at most two fields, a line is an event; if not, a line is a user's whole sequence.
  ///
  /// So a stray third field in a file of events is an error of that line, not a change of format.
  static func recognise(path: String, lookahead: UnsafeRawBufferPointer) -> LogFormat {
    if path.hasSuffix(".inter") { return .inter }
    var seenUsers = TokenTable()
    var longest = 0
    var isFirst = true
    for line in lookahead.split(separator: UInt8(ascii: "\n")) {
      let end = line.last == UInt8(ascii: "\r") ? line.endIndex - 1 : line.endIndex
      let bytes = UnsafeRawBufferPointer(rebasing: line[..<end])
      if isFirst && InterHeader.isPlausible(bytes) { return .inter }
      isFirst = false
      var fields = FieldScanner(bytes)
      guard let user = fields.next() else { continue }
      let userCount = seenUsers.count
      if Int(seenUsers.intern(user.bytes)) < userCount { return .events }
      longest = max(longest, 1 + fields.remainingCount())
    }
    return longest <= 2 ? .events : .sequences
  }
}
