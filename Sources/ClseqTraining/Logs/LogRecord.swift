import ClseqBase

/// A line of standard error where that is JSON (`--log-format json`).
public struct LogRecord: Encodable, Equatable, Sendable {
  /// What kind of line it is.
  public enum Level: String, Encodable, Sendable { case progress, note, warning, error }

  /// What kind of line it is.
  public let level: Level
  /// The words, of all but progress.
  public var message: String?
  /// What to do about an error.
  public var advice: String?
  /// The status with which the program ends, of an error.
  public var status: Int32?
  /// What is in progress: `epoch 3`.
  public var task: String?
  /// Events that are done.
  public var done: Int?
  /// Events that there are, where that is known.
  public var total: Int?
  /// The mean loss so far, in training.
  public var loss: Double?
  /// Events a second.
  public var rate: Double?

  /// A line of words.
  public init(_ level: Level, _ message: String? = nil) {
    self.level = level
    self.message = message
  }

  /// The line with its end.
  public var line: String {
    (try? JSONText.line(self)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
  }

  private enum CodingKeys: String, CodingKey {
    case level, message, advice, status, task, done, total, loss
    case rate = "events_per_second"
  }
}
