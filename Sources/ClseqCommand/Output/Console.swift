import Clseq
import Foundation

/// Standard output and standard error.
enum Console {
  /// Writes to standard output.
  ///
  /// - Throws: ``FileError`` where it is closed or full, so that nothing is lost unseen.
  static func write(_ text: String) throws(FileError) {
    try write(Array(text.utf8))
  }

  /// Writes bytes to standard output, with the same errors.
  static func write(_ bytes: [UInt8]) throws(FileError) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(bytes))
    } catch {
      throw FileError(.write, "standard output", reason: FileError.reason(of: error))
    }
  }

  /// Writes one line to standard error.
  static func warn(_ line: String) {
    ProgressReport.standardError("clseq: \(line)\n")
  }

  /// Prints a result as text, or as the one JSON document that `--format json` promises.
  static func show(
    _ result: some Encodable, as format: OutputFormat, text: () -> String
  ) throws {
    switch format {
    case .text: try write(text())
    case .json: try write(JSONText.document(result))
    }
  }

  /// How progress is shown on this standard error.
  static func progressStyle(
    _ settings: TrainingSettings, environment: [String: String]
  ) -> ProgressReport.Style {
    if settings.quiet { return .silent }
    guard isatty(STDERR_FILENO) == 1, environment["TERM"] != "dumb" else { return .lines }
    var size = winsize()
    let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return .bar(
      columns: known ? Int(size.ws_col) : 80,
      hasColour: (environment["NO_COLOR"] ?? "").isEmpty)
  }
}
