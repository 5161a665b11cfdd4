/// The records of a log that were left out, counted by reason, with the places of the first ones.
struct LeftOutRecords {
  /// The maximum number of places per reason.
  private static let keptPlaceCount = 3
  /// The maximum number of distinct reasons.
  private static let reasonCount = 50

  private(set) var entries: [ReadingReport.LeftOut] = []

  /// Counts a record.
  mutating func add(rule: String, reason: String, file: String, line: Int) {
    var index = entries.firstIndex { $0.rule == rule && $0.reason == reason }
    if index == nil {
      let isListed = entries.count < Self.reasonCount
      let reason = isListed ? reason : "other reasons"
      index = isListed ? nil : entries.firstIndex { $0.reason == reason }
      if index == nil {
        entries.append(ReadingReport.LeftOut(rule: rule, reason: reason))
      }
    }
    let place = index ?? entries.count - 1
    entries[place].records += 1
    if entries[place].places.count < Self.keptPlaceCount {
      let name = file.split(separator: "/").last.map(String.init) ?? file
      entries[place].places.append("\(name):\(line)")
    }
  }
}
