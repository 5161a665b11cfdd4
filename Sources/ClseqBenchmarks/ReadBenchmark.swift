public import ClseqData
import ClseqSettings

/// Reading a log to its end and nothing else: users, items and event types are numbered, times and
/// numbers parsed, and each event is returned once. `Scripts/bench` compares the rate with peers.
public struct ReadBenchmark {
  /// The measurements.
  public struct Report: Encodable, Sendable {
    /// "clseq".
    public let system: String
    /// Version of clseq.
    public let version: String
    /// The log's format.
    public let format: LogFormat
    /// Bytes of text: decompressed, or of a database's rows as CSV.
    public let bytes: Int
    /// Events.
    public let events: Int
    /// Distinct users.
    public let users: Int
    /// Distinct items.
    public let items: Int
    /// From before the log is opened until its end is reached.
    public let seconds: Double
    /// Text per second, in units of a million bytes.
    public let megabytesPerSecond: Double

    private enum CodingKeys: String, CodingKey {
      case system, version, format, bytes, events, users, items, seconds
      case megabytesPerSecond = "megabytes_per_second"
    }
  }

  private let path: String
  private let options: ReadingOptions

  /// - Parameters:
  ///   - path: A log; see `InteractionStream`.
  ///   - options: How it is read.
  public init(path: String, options: ReadingOptions = ReadingOptions()) {
    self.path = path
    self.options = options
  }

  /// Measures.
  ///
  /// - Throws: `DataError` when the log cannot be opened or read.
  public func report() throws(DataError) -> Report {
    let start = ContinuousClock.now
    var stream = try InteractionStream(path: path, options: options)
    var eventCount = 0
    while try stream.next() != nil { eventCount += 1 }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return Report(
      system: "clseq", version: clseqVersion, format: stream.format, bytes: stream.byteCount,
      events: eventCount, users: stream.users.count, items: stream.items.count, seconds: seconds,
      megabytesPerSecond: Double(stream.byteCount) / 1e6 / seconds)
  }
}
