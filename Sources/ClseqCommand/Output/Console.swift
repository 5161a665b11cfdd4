import Clseq
import ClseqTraining
import Foundation

/// Standard output and standard error.
enum Console {
  /// Writes to standard output.
  ///
  /// - Throws: `FileError` where it is closed or full, so that nothing is lost unseen.
  static func write(_ text: String) throws(FileError) {
    // On a terminal nothing that a log holds may act; a file or a pipe gets every byte as it is.
    try write(Array((isatty(STDOUT_FILENO) == 1 ? text.printableLines : text).utf8))
  }

  /// Writes bytes to standard output, with the same errors.
  static func write(_ bytes: [UInt8]) throws(FileError) {
    KernelWait.end()
    try StandardStreams.write(bytes)
  }

  /// How standard error is written.
  static let log = DiagnosticLog(
    arguments: Array(CommandLine.arguments.dropFirst()),
    environment: ProcessInfo.processInfo.environment, isTerminal: isatty(STDERR_FILENO) == 1)

  /// Warns on standard error, unless --quiet.
  ///
  /// - Parameter settings: nil where they are not known yet.
  static func warn(_ line: String, _ settings: ResolvedSettings? = nil) {
    if settings?.quiet != true { write(LogRecord(.warning, line)) }
  }

  /// Writes a note on standard error, unless --quiet.
  static func note(_ line: String, _ settings: ResolvedSettings) {
    if !settings.quiet { write(LogRecord(.note, line)) }
  }

  /// Writes a detail to standard error, with --verbose.
  static func detail(_ line: String, _ settings: ResolvedSettings) {
    if settings.verbose { write(LogRecord(.note, line)) }
  }

  /// Writes a requested table to standard error.
  static func note(table text: String) {
    switch log.style {
    case .text: ProgressReport.standardError(text)
    case .json: write(LogRecord(.note, text))
    }
  }

  /// Reports the error with which the program ends.
  static func fail(_ message: String, advice: String?, status: Int32) {
    var record = LogRecord(.error, message)
    (record.advice, record.status) = (advice, status)
    write(record)
  }

  private static func write(_ record: LogRecord) {
    ProgressReport.standardError(log.text(record))
  }

  /// Prints a result as printable text, or as the one JSON document that `--format json` promises.
  static func show(
    _ result: some Encodable, as format: OutputFormat, text: () -> String
  ) throws {
    switch format {
    case .text: try write(text().printableLines)
    case .json: try write(JSONText.document(result))
    }
  }

  /// How progress is shown on this standard error.
  static func progressStyle(_ settings: ResolvedSettings) -> ProgressReport.Style {
    if settings.quiet { return .silent }
    if log.style == .json { return .records }
    guard log.isTerminal else { return .lines }
    var size = winsize()
    let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return .bar(columns: known ? Int(size.ws_col) : 80, hasColour: log.hasColour)
  }
}
