/// Turns the fields of a record into an event, by a ``ColumnPlan``. It is a class so that nothing of
/// it is copied from record to record; its members are constants, so that the exclusivity of accesses
/// need not be checked for each of them.
final class RecordReader {
  let plan: ColumnPlan
  private let missing: MissingValues
  private let times: TimeReader
  private let endTimes: TimeReader
  private let featureTimes: [TimeReader]
  /// The features of the record under way.
  private let features: UnsafeMutableBufferPointer<Double>

  init(_ plan: ColumnPlan, times format: TimeFormat, missing: MissingValues) {
    self.plan = plan
    self.missing = missing
    times = TimeReader(format, name: "a time")
    endTimes = TimeReader(format, name: "an end time")
    features = .allocate(capacity: plan.features.count)
    features.initialize(repeating: .nan)
    featureTimes = plan.features.map {
      TimeReader(format, name: "a time (column \($0.description.name))")
    }
  }

  /// Goes on with a file whose columns may stand elsewhere; nil if it has not the same ones.
  init?(_ plan: ColumnPlan, after reader: RecordReader) {
    guard plan.agrees(with: reader.plan) else { return nil }
    self.plan = plan
    missing = reader.missing
    times = reader.times
    endTimes = reader.endTimes
    featureTimes = reader.featureTimes
    features = .allocate(capacity: plan.features.count)
    features.initialize(repeating: .nan)
  }

  deinit { features.deallocate() }

  /// Appends the event of a record that has all of the plan's columns.
  func read(
    _ fields: UnsafePointer<Field>, into log: inout ParsedLog
  ) throws(LineFault) {
    let user = fields[plan.user]
    let item = fields[plan.item]
    try Self.requireContent(user, "a user")
    try Self.requireContent(item, "an item")
    var time: Int64?
    if let column = plan.time {
      try Self.requireContent(fields[column], "a time")
      time = try times.microseconds(fields[column])
    }
    var details = ParsedLog.Details()
    if let column = plan.endTime {
      if fields[column].bytes.isEmpty {
        try allowMissing(fields[column], "an end time")
      } else {
        details.endTime = try endTimes.microseconds(fields[column])
      }
    }
    if let column = plan.label {
      details.label = try Self.number(fields[column], "a label") ?? .nan
    }
    if let column = plan.session, !fields[column].bytes.isEmpty {
      details.session = TokenKey(fields[column].bytes).hash
    }
    for index in features.indices {
      features[index] = try feature(index, fields)
    }
    try log.append(user: user, item: item, time: time, eventType: plan.eventType.map { fields[$0] })
    if plan.hasDetails { log.append(details) }
    for feature in features { log.append(feature: feature) }
  }

  private func feature(
    _ index: Int, _ fields: UnsafePointer<Field>
  ) throws(LineFault) -> Double {
    let field = fields[plan.features[index].column]
    let name = plan.features[index].description.name
    switch plan.features[index].description.kind {
    case .number:
      if let number = try Self.number(field, name) { return number }
    case .time:
      if !field.bytes.isEmpty { return Double(try featureTimes[index].microseconds(field)) / 1e6 }
    }
    try allowMissing(field, "a value of \(name)")
    return .nan
  }

  /// Throws unless missing values are to be filled.
  private func allowMissing(_ field: Field, _ expected: String) throws(LineFault) {
    if missing == .fill { return }
    throw LineFault(
      isMissingValue: true, offset: field.offset,
      expected: "\(expected) (events without one may be dropped, or the value filled)",
      found: field.bytes.isEmpty ? "nothing" : String(decoding: field.bytes, as: UTF8.self))
  }

  private static func requireContent(_ field: Field, _ expected: String) throws(LineFault) {
    if field.bytes.isEmpty {
      throw LineFault(
        isMissingValue: true, offset: field.offset, expected: expected, found: "nothing")
    }
  }

  /// A finite number, or nil for a value that is missing.
  static func number(_ field: Field, _ name: String) throws(LineFault) -> Double? {
    if let value = DecimalNumber.parse(field.bytes) { return value }
    if isMissing(field.bytes) { return nil }
    throw .field(field, expected: "a number for \(name)")
  }

  /// Whether a field says that there is no number: it is empty, or `NA`, `NaN`, `null` or `\N`.
  private static func isMissing(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if bytes.isEmpty { return true }
    guard bytes.count <= 4 else { return false }
    return ["na", "nan", "null", "\\n"].contains(
      String(decoding: bytes, as: UTF8.self).lowercased())
  }
}
