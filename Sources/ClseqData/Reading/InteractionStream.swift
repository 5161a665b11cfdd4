/// The events of a log, one at a time, in the order of the file.
///
/// A log is a file, standard input (`-`), a folder of shards or a pattern of names, and any of them
/// may be gzip or Zstandard; shards are read one after another, by name. A file may be a SQLite
/// database too, whose rows are read as if they had been exported as CSV: messages and the hash go by
/// that text, in which the names of the columns are line 1. Memory is bounded by the longest line and
/// the distinct tokens, never by the number of events.
///
/// ```swift
/// var stream = try InteractionStream(path: "shop.csv.gz")
/// while let event = try stream.next() {
///   print(stream.users[Int(event.user)], stream.items[Int(event.item)])
/// }
/// ```
public struct InteractionStream: ~Copyable {
  /// About how many events are gathered before the first of them is handed out.
  private static let gatheredEventCount = 512
  /// How many of the faults that were passed over are kept.
  static let keptFaultCount = 10

  /// The path as it was given; `<stdin>` for standard input.
  public let path: String
  /// The format that was given or recognised.
  public let format: LogFormat
  /// The malformed records passed over so far; see ``ReadingOptions/tolerated``.
  public private(set) var faultCount = 0
  /// The first ten of them.
  public private(set) var faults: [DataError] = []
  /// The records passed over so far because they lack a value; see ``ReadingOptions/missing``.
  public private(set) var incompleteCount = 0

  /// The records read so far, those passed over among them.
  private(set) var recordCount = 0
  private(set) var leftOut = LeftOutRecords()
  private(set) var census = TimeCensus()

  let options: ReadingOptions
  let shards: [String]
  /// Files of a folder that are no shards by their names.
  let passedOverFiles: [String]
  let separator: String?
  let compression: String?
  private(set) var emptyFiles: [String] = []
  private(set) var nextShard = 1
  private(set) var lines: LineReader
  private(set) var parser: any LineParser
  /// Between the fields of records that may be quoted; nil where a line is a record.
  private let quotedSeparator: UInt8?
  private let allowsLatin1: Bool
  private(set) var log = ParsedLog()
  private(set) var nextEvent = 0
  /// What went wrong behind the events that have been gathered.
  private var pendingError: DataError?
  /// The first of the blank lines that were met last: an error if a further event follows.
  private var blankLine: Int?
  private var shardHasRecords = false
  private var hasEvents = false
  private var isAtEnd = false

  /// Opens a log.
  ///
  /// - Parameters:
  ///   - path: A file, a folder of shards, a pattern (`logs/*.csv`) or `-` for standard input.
  ///   - options: How to read it.
  /// - Throws: `DataError.missingFile`, `.noFiles`, `.unreadable`, `.readFailed`, `.corrupt` or
  ///   `.unsupported`; `.invalidSelection` or `.damaged` for a database.
  public init(path: String, options: ReadingOptions = ReadingOptions()) throws(DataError) {
    let shards = try ShardList(path: path)
    try self.init(
      Self.text(of: shards.paths[0], options), shards: shards.paths,
      passedOver: shards.passedOver, path: path, options: options)
  }

  /// Reads what a source gives.
  package init(
    _ source: any ByteSource, options: ReadingOptions = ReadingOptions()
  ) throws(DataError) {
    try self.init(source, shards: [source.path], path: source.path, options: options)
  }

  /// Reads what a source gives, from a buffer of another size than the usual one.
  init(
    _ source: any ByteSource, options: ReadingOptions, capacity: LineReader.Capacity
  ) throws(DataError) {
    try self.init(
      source, shards: [source.path], path: source.path, options: options, capacity: capacity)
  }

  private init(
    _ source: any ByteSource, shards: [String], passedOver: [String] = [], path: String,
    options: ReadingOptions, capacity: LineReader.Capacity = LineReader.Capacity()
  ) throws(DataError) {
    try Self.check(source, isOf: options.selection == nil ? options.format : .sqlite)
    var lines = try LineReader(source, capacity: capacity)
    let format: LogFormat
    if let sure = source.format ?? options.format {
      format = sure
    } else {
      format = try FormatRecognition(
        path: source.path, lookahead: lines.lookahead, columns: options.columns
      ).format()
    }
    if format.lookaheadByteCount > 0 {
      try lines.lookAhead(byteCount: format.lookaheadByteCount)
    }
    let dialect = format.dialect(options.hasHeader)
    allowsLatin1 = dialect?.allowsLatin1 == true
    lines.requiresUTF8 = !allowsLatin1
    self.path = shards.count == 1 ? source.path : path
    self.format = format
    self.options = options
    self.shards = shards
    self.lines = lines
    passedOverFiles = passedOver
    separator = format == .sqlite ? nil : dialect?.separatorName
    compression = source.compression
    quotedSeparator = dialect?.quotedSeparator
    parser = format.parser(options)
    parser.begin(self.lines.lookahead)
  }

  private static func text(
    of path: String, _ options: ReadingOptions
  ) throws(DataError) -> any ByteSource {
    try FileSignature.text(of: FileByteSource(path: path), options)
  }

  /// Refuses a file that is no database where one is expected, and the reverse.
  private static func check(
    _ source: any ByteSource, isOf format: LogFormat?
  ) throws(DataError) {
    guard let format, (format == .sqlite) != (source.format == .sqlite) else { return }
    throw .unsupported(
      path: source.path,
      reason: format == .sqlite
        ? "no SQLite database, which a table, a query or the format sqlite asks for"
        : "a SQLite database, and \(format.summary) is expected")
  }
}

extension InteractionStream {
  /// Numbers tokens after those of an earlier log; called before the first event.
  mutating func goOn(after tokens: consuming LogTokens) { log.tokens = tokens }

  /// The next event, or nil at the end.
  ///
  /// - Throws: `DataError.malformed` at the first line that is not what the format asks for and
  ///   that the options do not tolerate; `.empty` if a file, or a shard, holds no event; what
  ///   opening a further shard and reading can throw.
  public mutating func next() throws(DataError) -> Interaction? {
    if nextEvent == log.events.count, try !readEvents() { return nil }
    nextEvent += 1
    return log.events[nextEvent - 1]
  }

  /// Gathers the events of the lines ahead; false at the end of the log.
  private mutating func readEvents() throws(DataError) -> Bool {
    log.removeEvents()
    nextEvent = 0
    if let pendingError { throw pendingError }
    while log.events.count < Self.gatheredEventCount {
      do throws(DataError) {
        if let line = try nextLine() {
          try parse(line)
        } else if try !openNextShard() {
          break
        }
      } catch {
        // What stands before the fault comes first.
        pendingError = error
        if log.events.isEmpty { throw error }
        break
      }
    }
    log.resolve()
    return !log.events.isEmpty
  }

  private mutating func nextLine() throws(DataError) -> UnsafeRawBufferPointer? {
    while true {
      do throws(DataError) {
        if let quotedSeparator { return try lines.nextRecord(separator: quotedSeparator) }
        return try lines.next()
      } catch {
        try tolerate(error)
        lines.returnToSecondLine()
      }
    }
  }

  private mutating func parse(_ line: UnsafeRawBufferPointer) throws(DataError) {
    // Blank lines at the end do no harm; one in the middle may be a cut record.
    if line.isEmpty {
      blankLine = blankLine ?? lines.lineNumber
      return
    }
    if let blank = blankLine {
      blankLine = nil
      try tolerate(
        .malformed(
          path: lines.path, line: blank, column: 1, expected: format.summary,
          found: "a blank line"))
    }
    let eventCount = log.events.count
    do throws(LineFault) {
      try parser.parse(line, into: &log)
      if log.events.count > eventCount {
        recordCount += 1
        (shardHasRecords, hasEvents) = (true, true)
        if let time = log.events[eventCount].time {
          census.add(time, file: nextShard - 1, line: lines.lineNumber)
        }
      }
    } catch {
      switch error.kind {
      case .missing(let what) where options.missing == .drop:
        incompleteCount += 1
        leaveOut(rule: "missing", reason: "no \(what)")
      case .outsideTimes:
        leaveOut(rule: "times-between", reason: "outside the times asked for")
      default:
        try tolerate(
          lines.malformed(at: error.offset, expected: error.expected, found: error.found))
        lines.returnToSecondLine()
      }
    }
  }

  /// Counts the latest record among those left out.
  private mutating func leaveOut(rule: String, reason: String) {
    recordCount += 1
    shardHasRecords = true
    leftOut.add(rule: rule, reason: reason, file: lines.path, line: lines.lineNumber)
  }

  /// Passes over a malformed record if the options allow another one.
  private mutating func tolerate(_ error: DataError) throws(DataError) {
    guard case .malformed(_, let line, _, let expected, _) = error, !parser.expectsHeader,
      options.tolerated.allows(after: faultCount)
    else { throw error }
    faultCount += 1
    recordCount += 1
    leftOut.add(
      rule: "skip-bad", reason: "malformed: expected \(expected)", file: lines.path, line: line)
    if faults.count < Self.keptFaultCount { faults.append(error) }
  }

  /// Checks at the end of the log that something is left, and not too much left out.
  private func requireEvents() throws(DataError) {
    try options.tolerated.check(faultCount, of: recordCount, first: faults.first, path: path)
    if hasEvents { return }
    guard let most = leftOut.entries.max(by: { $0.records < $1.records }) else {
      throw .empty(path: path)
    }
    throw .unfit(
      path: path,
      what: "none of \(recordCount) records is an event: \(most.records) are left out, "
        + most.reason, expected: "some that are none of that")
  }

  /// Goes on to the next file; false after the last one.
  private mutating func openNextShard() throws(DataError) -> Bool {
    if isAtEnd { return false }
    // Programs that write a file a worker leave some of them empty.
    if !shardHasRecords { emptyFiles.append(lines.path) }
    guard nextShard < shards.count else {
      isAtEnd = true
      try requireEvents()
      return false
    }
    let text = try Self.text(of: shards[nextShard], options)
    try Self.check(text, isOf: format)
    lines = try LineReader(text, hash: lines.hash)
    lines.requiresUTF8 = !allowsLatin1
    parser.beginFile()
    nextShard += 1
    shardHasRecords = false
    blankLine = nil
    return true
  }
}
