/// Formats of one event a line and separated fields: CSV, TSV, RecBole's `.inter` and MovieLens'
/// `.dat` and `u.data`.
final class DelimitedParser: LineParser {
  private let dialect: DelimitedDialect
  private let splitter: FieldSplitter
  private let options: ReadingOptions
  private var reader: RecordReader?
  /// The plan by the header, until the first record decides which column holds the times.
  private var openPlan: ColumnPlan?
  private var fields = FieldBuffer(capacity: 1)
  private var isBeforeHeader = true
  private var isChoosing = false
  private(set) var hasMetLatin1 = false

  init(_ dialect: DelimitedDialect, _ options: ReadingOptions) {
    self.dialect = dialect
    splitter = dialect.splitter
    self.options = options
  }

  var expectsHeader: Bool { isBeforeHeader || isChoosing }
  var timeFormat: TimeFormat? { reader?.plan.time == nil ? nil : reader?.times.format }
  var hasCutTimes: Bool { reader?.times.hasCutDigits ?? false }

  func beginFile() {
    isBeforeHeader = true
  }

  func parse(
    _ line: UnsafeRawBufferPointer, into log: inout ParsedLog
  ) throws(LineFault) {
    if isBeforeHeader {
      try readHeader(line, &log)
      isBeforeHeader = false
      switch dialect.header {
      case .names, .typedNames: return
      case .fixed, .numbers: break
      }
    }
    let outcome = try splitter.split(line, into: fields)
    guard outcome.count == fields.capacity else {
      throw .wrongFieldCount(
        offset: outcome.extraOffset ?? line.count,
        expected: "\(fields.capacity) \(dialect.fieldNoun)", found: outcome.count)
    }
    if dialect.allowsLatin1 && fields.transcodeLatin1(recordByteCount: line.count) {
      hasMetLatin1 = true
    }
    if let openPlan { try settle(openPlan, &log) }
    try reader?.read(fields.fields, into: &log, mayHoldLineFeeds: outcome.hasQuotes)
  }

  private func readHeader(
    _ line: UnsafeRawBufferPointer, _ log: inout ParsedLog
  ) throws(LineFault) {
    let header = try DelimitedHeader(line, dialect)
    var columns = options.columns
    if let former = reader?.plan, let time = former.time, header.names.contains(former.names[time])
    {
      columns[.time] = former.names[time]
    }
    let plan = try header.plan(columns)
    fields = FieldBuffer(capacity: header.names.count)
    if let former = reader {
      guard let next = RecordReader(plan, after: former) else {
        throw LineFault(
          offset: 0,
          expected: "the columns of the first file: \(former.plan.names.joined(separator: ", "))",
          found: header.names.joined(separator: ", "))
      }
      reader = next
    } else if plan.timeCandidates.isEmpty {
      begin(plan, &log)
    } else {
      openPlan = plan
    }
  }

  /// Chooses the column of times by the record under way.
  private func settle(_ plan: ColumnPlan, _ log: inout ParsedLog) throws(LineFault) {
    isChoosing = true
    var plan = plan
    plan.setTime(
      try TimeColumn.choose(plan.timeCandidates, names: plan.names, options.times) {
        $1(fields.fields[$0].bytes)
      })
    isChoosing = false
    openPlan = nil
    begin(plan, &log)
  }

  private func begin(_ plan: ColumnPlan, _ log: inout ParsedLog) {
    reader = RecordReader(plan, options)
    log.expect(plan)
  }
}
