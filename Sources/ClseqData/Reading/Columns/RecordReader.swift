import ClseqBase

/// Turns the fields of a record into an event, by a ``ColumnPlan``. It is a class so that
/// no part of it is copied for each record; its members are constants, so that the exclusivity of accesses
/// need not be checked for each of them.
final class RecordReader {
  let plan: ColumnPlan
  private let missing: MissingValues
  private let range: TimeRange?
  let times: TimeReader
  private let endTimes: TimeReader
  private let featureTimes: [TimeReader]
  /// The features of the record under way.
  private let features: UnsafeMutableBufferPointer<Double>

  init(_ plan: ColumnPlan, _ options: ReadingOptions) {
    let format = options.times
    self.plan = plan
    missing = options.missing
    range = options.timesBetween
    times = TimeReader(format, name: "a time")
    endTimes = TimeReader(format, name: "an end time")
    features = .allocate(capacity: plan.features.count)
    features.initialize(repeating: .nan)
    featureTimes = plan.features.map {
      TimeReader(format, name: "a time (column \($0.description.name))")
    }
  }

  /// Continues with a file whose columns may have another order; nil if it has not the same ones.
  init?(_ plan: ColumnPlan, after reader: RecordReader) {
    guard plan.agrees(with: reader.plan) else { return nil }
    self.plan = plan
    missing = reader.missing
    range = reader.range
    times = reader.times
    endTimes = reader.endTimes
    featureTimes = reader.featureTimes
    features = .allocate(capacity: plan.features.count)
    features.initialize(repeating: .nan)
  }

  deinit { features.deallocate() }

  /// Appends the event of a record that has all of the plan's columns.
  ///
  /// - Parameter mayHoldLineFeeds: Whether a field may hold the end of a line, which no id may.
  func read(
    _ fields: UnsafePointer<Field>, into log: inout ParsedLog, mayHoldLineFeeds: Bool
  ) throws(LineFault) {
    let user = fields[plan.user]
    let item = fields[plan.item]
    try requireContent(user, "a user", plan.user)
    try requireContent(item, "an item", plan.item)
    var type = plan.eventType.map { fields[$0] }
    if let field = type, MissingToken.isMissing(field.bytes) { type = nil }
    if mayHoldLineFeeds {
      for field in [user, item, type] { try field.map(Self.requireOneLine) }
    }
    let time = try time(fields)
    var details = ParsedLog.Details()
    if let column = plan.endTime {
      if MissingToken.isMissing(fields[column].bytes) {
        try allowMissing(fields[column], "an end time", column)
      } else {
        details.endTime = try endTimes.microseconds(fields[column])
      }
    }
    if let column = plan.label {
      details.label = try Self.numberOrTruth(fields[column], "a label") ?? .nan
    }
    if let column = plan.session, !MissingToken.isMissing(fields[column].bytes) {
      details.session = TokenKey(fields[column].bytes).hash
    }
    for index in features.indices {
      features[index] = try feature(index, fields)
    }
    try log.append(user: user, item: item, time: time, eventType: type)
    if plan.hasDetails { log.append(details) }
    for feature in features { log.append(feature: feature) }
  }

  /// The time of a record; nil where the log has none.
  @inline(__always)
  private func time(_ fields: UnsafePointer<Field>) throws(LineFault) -> Int64? {
    guard let column = plan.time else { return nil }
    try requireContent(fields[column], "a time", column)
    let time = try times.microseconds(fields[column])
    if let range, !range.contains(time) {
      throw LineFault(
        kind: .outsideTimes, offset: fields[column].offset, expected: "a time in \(range.text)",
        found: "another")
    }
    return time
  }

  private func feature(
    _ index: Int, _ fields: UnsafePointer<Field>
  ) throws(LineFault) -> Double {
    let column = plan.features[index].column
    let field = fields[column]
    let name = plan.features[index].description.name
    switch plan.features[index].description.kind {
    case .number:
      if let number = try Self.numberOrTruth(field, name) { return number }
    case .time:
      if !MissingToken.isMissing(field.bytes) {
        return Double(try featureTimes[index].microseconds(field)) / 1e6
      }
    }
    try allowMissing(field, "a value of \(name)", column)
    return .nan
  }

  /// Throws unless missing values are to be filled.
  private func allowMissing(
    _ field: Field, _ expected: String, _ column: Int
  ) throws(LineFault) {
    if missing == .fill { return }
    throw LineFault(
      kind: .missing(what: plan.names[column]), offset: field.offset,
      expected: "\(expected) (events without one may be dropped, or the value filled)",
      found: field.bytes.isEmpty ? "nothing" : String(decoding: field.bytes, as: UTF8.self))
  }

  @inline(__always)
  private func requireContent(
    _ field: Field, _ expected: String, _ column: Int
  ) throws(LineFault) {
    if MissingToken.isMissing(field.bytes) { throw lacking(field, expected, column) }
  }

  private func lacking(_ field: Field, _ expected: String, _ column: Int) -> LineFault {
    LineFault(
      kind: .missing(what: plan.names[column]), offset: field.offset,
      expected: "\(expected) (events without one may be dropped)",
      found: field.bytes.isEmpty ? "nothing" : String(decoding: field.bytes, as: UTF8.self))
  }

  /// Throws for an id that holds the end of a line: lists of ids are files of lines.
  private static func requireOneLine(_ field: Field) throws(LineFault) {
    if field.bytes.contains(UInt8(ascii: "\n")) {
      throw LineFault(
        offset: field.offset, expected: "an id in one line", found: "one that holds a line feed")
    }
  }

  /// A finite number, or nil for a value that is missing.
  static func number(_ field: Field, _ name: String) throws(LineFault) -> Double? {
    if let value = DecimalNumber.parse(field.bytes) { return value }
    if MissingToken.isMissingNumber(field.bytes) { return nil }
    throw .field(field, expected: "a number for \(name)")
  }

  /// A finite number, or that of `true` or `false`; nil for a value that is missing.
  private static func numberOrTruth(
    _ field: Field, _ name: String
  ) throws(LineFault) -> Double? {
    if let truth = truth(field.bytes) { return truth }
    return try number(field, name)
  }

  /// 1 for `true`, 0 for `false`, in any case; nil for anything else.
  private static func truth(_ bytes: UnsafeRawBufferPointer) -> Double? {
    guard bytes.count == 4 || bytes.count == 5, bytes[0] > UInt8(ascii: "9") else { return nil }
    switch String(decoding: bytes, as: UTF8.self).lowercased() {
    case "true": return 1
    case "false": return 0
    default: return nil
    }
  }
}
