/// The events of a log, one at a time, in the order of the file.
///
/// Memory is bounded by the longest line and the distinct tokens, never by the number of events.
///
/// ```swift
/// var stream = try InteractionStream(path: "shop.inter")
/// while let event = try stream.next() {
///   print(stream.users[Int(event.user)], stream.items[Int(event.item)])
/// }
/// ```
public struct InteractionStream: ~Copyable {
  /// The format that was given or recognised.
  public let format: LogFormat
  private var lines: LineReader
  private var parser: any LineParser
  private var log = ParsedLog()
  private var nextPending = 0
  /// The first of the blank lines that were met last: an error if a further event follows.
  private var blankLine: Int?

  /// Opens a file.
  ///
  /// - Parameter format: The format, or nil to recognise it (see ``LogFormat``).
  /// - Throws: `DataError.missingFile`, `.unreadable` or `.readFailed`.
  public init(path: String, format: LogFormat? = nil) throws(DataError) {
    try self.init(FileByteSource(path: path), format: format)
  }

  init(_ source: any ByteSource, format: LogFormat? = nil) throws(DataError) {
    let lines = try LineReader(source)
    let lookahead = lines.lookahead
    let format = format ?? .recognise(path: source.path, lookahead: lookahead)
    self.lines = lines
    self.format = format
    parser =
      switch format {
      case .events: EventTextParser()
      case .sequences: SequenceTextParser()
      case .inter: InterParser()
      }
  }

  /// The path as it was given.
  public var path: String { lines.path }

  /// The user tokens met so far.
  public var users: TokenTable { log.users }

  /// The item tokens met so far.
  public var items: TokenTable { log.items }

  /// The hash of all bytes read so far; of the whole file once `next()` has returned nil.
  public var hash: ContentHash { lines.hash }

  /// The next event, or nil at the end.
  ///
  /// - Throws: `DataError.malformed` at the first line that is not what the format asks for;
  ///   `.readFailed`.
  public mutating func next() throws(DataError) -> Interaction? {
    while nextPending == log.pending.count {
      guard let line = try lines.next() else { return nil }
      log.pending.removeAll(keepingCapacity: true)
      nextPending = 0
      try parse(line)
    }
    nextPending += 1
    return log.pending[nextPending - 1]
  }

  private mutating func parse(_ line: UnsafeRawBufferPointer) throws(DataError) {
    // Blank lines at the end do no harm; one in the middle may be a cut record.
    if line.isEmpty {
      blankLine = blankLine ?? lines.lineNumber
      return
    }
    if let blankLine {
      throw .malformed(
        path: path, line: blankLine, column: 1, expected: format.summary, found: "a blank line")
    }
    do throws(LineFault) {
      try parser.parse(line, into: &log)
    } catch {
      throw .malformed(
        path: path, line: lines.lineNumber, column: error.offset + 1, expected: error.expected,
        found: error.found)
    }
  }
}
