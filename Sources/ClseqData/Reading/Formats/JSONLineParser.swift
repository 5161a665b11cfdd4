#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// JSON Lines: an object a line, whose flat members are the columns; members that are objects or
/// arrays are passed over. The first object tells the columns' names; later ones may have their
/// members in any order, lack some and have others.
final class JSONLineParser: LineParser {
  private let columns: ColumnMapping
  private let times: TimeFormat
  private let missing: MissingValues
  private var reader: RecordReader?
  private var fields = FieldBuffer(capacity: 1)
  /// [column] its key.
  private var keys: [[UInt8]] = []
  /// [column] whether the plan has a use for it.
  private var isRead: [Bool] = []
  /// The columns that the plan has a use for.
  private var readColumns: [Int] = []
  /// Whether the first object lacks a column that is needed.
  private(set) var expectsHeader = false

  init(_ options: ReadingOptions) {
    columns = options.columns
    times = options.times
    missing = options.missing
  }

  func parse(
    _ line: UnsafeRawBufferPointer, into log: inout ParsedLog
  ) throws(LineFault) {
    if reader == nil { try meetColumns(line, &log) }
    fields.begin(recordByteCount: line.count)
    // No value is at offset 0, where the brace is.
    let nothing = Field(offset: 0, bytes: UnsafeRawBufferPointer(start: nil, count: 0))
    let values = fields.fields
    values.initialize(repeating: nothing, count: fields.capacity)
    var ordinal = 0
    try JSONScanner.forEachMember(of: line, fields) { key, keyOffset, scanner throws(LineFault) in
      let column = column(of: key, likely: ordinal)
      ordinal += 1
      _ = scanner.peek()
      let offset = scanner.position
      let text = try scanner.scalar()
      guard let column, isRead[column] else { return }
      if values[column].offset > 0 {
        throw LineFault(
          offset: keyOffset, expected: "each key once",
          found: "\"\(String(decoding: key, as: UTF8.self))\" again")
      }
      values[column] = try Field(json: text, at: offset)
    }
    try reader?.read(fields.fields, into: &log)
  }

  /// The column of a key, if it may have a use; the likely one is that which the first record had
  /// in its place.
  private func column(of key: UnsafeRawBufferPointer, likely: Int) -> Int? {
    if likely < keys.count && isKey(key, of: likely) { return likely }
    return readColumns.first { isKey(key, of: $0) }
  }

  private func isKey(_ key: UnsafeRawBufferPointer, of column: Int) -> Bool {
    keys[column].withUnsafeBytes { known in
      guard known.count == key.count, let left = known.baseAddress, let right = key.baseAddress
      else { return known.count == key.count }
      return memcmp(left, right, key.count) == 0
    }
  }

  /// Takes the names of the columns from the first record.
  private func meetColumns(
    _ line: UnsafeRawBufferPointer, _ log: inout ParsedLog
  ) throws(LineFault) {
    var names: [String] = []
    var known: Set<String> = []
    fields.begin(recordByteCount: line.count)
    try JSONScanner.forEachMember(of: line, fields) { key, _, scanner throws(LineFault) in
      let name = String(decoding: key, as: UTF8.self)
      if known.insert(name).inserted { names.append(name) }
      _ = try scanner.scalar()
    }
    expectsHeader = true
    let plan: ColumnPlan
    do {
      plan = try ColumnPlan(names, columns)
    } catch {
      throw LineFault(
        offset: 0, expected: error.expected, found: error.found)
    }
    expectsHeader = false
    reader = RecordReader(plan, times: times, missing: missing)
    log.expect(plan)
    fields = FieldBuffer(capacity: names.count)
    keys = names.map { Array($0.utf8) }
    readColumns = plan.columns.map(\.column) + plan.features.map(\.column)
    isRead = names.indices.map(readColumns.contains)
  }
}
