/// Formats of one event a line and separated fields: CSV, TSV, RecBole's `.inter` and MovieLens'
/// `.dat` and `u.data`.
final class DelimitedParser: LineParser {
  private let dialect: DelimitedDialect
  private let splitter: FieldSplitter
  private let columns: ColumnMapping
  private let times: TimeFormat
  private let missing: MissingValues
  private var reader: RecordReader?
  private var fields = FieldBuffer(capacity: 1)
  private(set) var expectsHeader = true

  init(_ dialect: DelimitedDialect, _ options: ReadingOptions) {
    self.dialect = dialect
    splitter = dialect.splitter
    columns = options.columns
    times = options.times
    missing = options.missing
  }

  func beginFile() {
    expectsHeader = true
  }

  func parse(
    _ line: UnsafeRawBufferPointer, into log: inout ParsedLog
  ) throws(LineFault) {
    if expectsHeader {
      try readHeader(line, &log)
      expectsHeader = false
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
    if dialect.allowsLatin1 { fields.transcodeLatin1(recordByteCount: line.count) }
    try reader?.read(fields.fields, into: &log)
  }

  private func readHeader(
    _ line: UnsafeRawBufferPointer, _ log: inout ParsedLog
  ) throws(LineFault) {
    let header = try DelimitedHeader(line, dialect)
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
    } else {
      reader = RecordReader(plan, times: times, missing: missing)
      log.expect(plan)
    }
  }
}
