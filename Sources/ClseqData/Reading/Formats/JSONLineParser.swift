import ClseqBase

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// JSON Lines: an object a line, whose flat members are the columns; members that are objects or
/// arrays are passed over. The first lines, 256 KiB of them, give the columns' names; objects may have
/// their members in any order, lack some and have others. A key that comes later and would have been
/// a column is an error, in whichever file it stands.
final class JSONLineParser: LineParser {
  /// How much of the first file is looked at for names.
  static let lookaheadByteCount = 1 << 18

  private let options: ReadingOptions
  private var reader: RecordReader?
  private var fields = FieldBuffer(capacity: 1)
  /// The keys of the first lines.
  private var names: [String] = []
  /// [column] its key.
  private var keys: [[UInt8]] = []
  /// The same keys, to be looked up.
  private var knownKeys = TokenTable()
  /// [column] whether the plan has a use for it.
  private var isRead: [Bool] = []
  /// The columns that the plan has a use for.
  private var readColumns: [Int] = []
  /// Whether the first lines lack a column that is needed.
  private(set) var expectsHeader = false

  init(_ options: ReadingOptions) {
    self.options = options
  }

  var timeFormat: TimeFormat? { reader?.plan.time == nil ? nil : reader?.times.format }
  var hasCutTimes: Bool { reader?.times.hasCutDigits ?? false }

  func begin(_ lookahead: UnsafeRawBufferPointer) {
    for line in lookahead.prefix(Self.lookaheadByteCount).split(separator: UInt8(ascii: "\n")) {
      let line = UnsafeRawBufferPointer(rebasing: line)
      fields.texts.begin(byteCount: line.count)
      // Faults of a line are reported when it is read.
      try? JSONScanner.forEachMember(of: line, fields) { key, _, scanner throws(LineFault) in
        add(key)
        _ = try scanner.value()
      }
    }
  }

  /// Takes in a name of a column.
  private func add(_ key: UnsafeRawBufferPointer) {
    let count = knownKeys.count
    guard Int(knownKeys.intern(key)) == count else { return }
    names.append(String(decoding: key, as: UTF8.self))
  }

  func parse(
    _ line: UnsafeRawBufferPointer, into log: inout ParsedLog
  ) throws(LineFault) {
    if reader == nil { try meetColumns(line, &log) }
    fields.texts.begin(byteCount: line.count)
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
      let text = try scanner.value()
      guard let column, isRead[column] else {
        if column == nil { try requireUseless(key, at: keyOffset) }
        return
      }
      if values[column].offset > 0 {
        throw LineFault(
          offset: keyOffset, expected: "each key once",
          found: "\"\(String(decoding: key, as: UTF8.self))\" again")
      }
      values[column] = try Field(json: text, at: offset)
    }
    try reader?.read(fields.fields, into: &log, mayHoldLineFeeds: fields.texts.mark > 0)
  }

  /// Throws for a key that no earlier line has, and that would have been a column.
  private func requireUseless(
    _ key: UnsafeRawBufferPointer, at offset: Int
  ) throws(LineFault) {
    if knownKeys.index(of: key) != nil { return }
    let name = String(decoding: key, as: UTF8.self)
    let normalized = ColumnName.normalized(name)
    let roles = options.columns.recognized
    guard
      let role = ColumnRole.allCases.first(where: { roles.contains($0) && $0.isCalled(normalized) }
      ),
      options.columns[role] == nil, role != .features || options.columns.features == nil
    else { return }
    throw LineFault(
      offset: offset, expected: "a key that the first lines have",
      found: "\"\(name)\", which may be \(role.noun): put an object that has it first"
        + (role.option.map { ", or name the column by \($0)" } ?? ""))
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

  /// The columns that are named and may be missing.
  private var optionalNames: Set<String> {
    Set(options.columns.optional.compactMap { options.columns[$0] })
  }

  /// Settles the columns, by the names of the first lines and the values of the first record.
  private func meetColumns(
    _ line: UnsafeRawBufferPointer, _ log: inout ParsedLog
  ) throws(LineFault) {
    var values: [String: [UInt8]] = [:]
    fields.texts.begin(byteCount: line.count)
    try JSONScanner.forEachMember(of: line, fields) { key, _, scanner throws(LineFault) in
      add(key)
      values[String(decoding: key, as: UTF8.self)] = try scanner.value().map { Array($0) }
    }
    // A column that is named is one, though no line here may have it.
    for name in options.columns.names.values.sorted() where !optionalNames.contains(name) {
      Array(name.utf8).withUnsafeBytes { add($0) }
    }
    expectsHeader = true
    var plan: ColumnPlan
    do {
      plan = try ColumnPlan(names, options.columns)
    } catch {
      throw LineFault(
        offset: 0, expected: error.expected, found: error.found)
    }
    if !plan.timeCandidates.isEmpty {
      plan.setTime(
        try TimeColumn.choose(plan.timeCandidates, names: plan.names, options.times) {
          (values[plan.names[$0]] ?? []).withUnsafeBytes($1)
        })
    }
    expectsHeader = false
    reader = RecordReader(plan, options)
    log.expect(plan)
    fields = FieldBuffer(capacity: names.count)
    keys = names.map { Array($0.utf8) }
    readColumns = plan.columns.map(\.column) + plan.features.map(\.column)
    isRead = names.indices.map(readColumns.contains)
  }
}
