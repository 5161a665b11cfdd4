import Clseq

/// Writes records of predictions to a file, or to standard output.
final class PredictionLines {
  /// Bytes that are written at once.
  private static let chunk = 1 << 16

  private let format: PredictionFormat
  private let file: WholeFile?
  private var pending = ""
  /// Records so far.
  private(set) var count = 0

  /// - Parameters:
  ///   - format: How records are written.
  ///   - file: Nil for standard output.
  init(format: PredictionFormat, file: WholeFile?) {
    self.format = format
    self.file = file
  }

  /// Begins with the names of the fields, where the format has any.
  func begin(_ names: [PredictionField]) throws {
    pending += format.header(of: names) ?? ""
  }

  func add(_ records: [[PredictionField]]) throws {
    for record in records {
      pending += format.line(of: record)
      count += 1
    }
    if pending.utf8.count >= Self.chunk { try flush() }
  }

  /// Writes what is left, and gives the file its name.
  func finish() throws {
    try flush()
    try file?.finish()
  }

  private func flush() throws {
    if let file { try file.append(pending) } else { try Console.write(pending) }
    pending = ""
  }
}
