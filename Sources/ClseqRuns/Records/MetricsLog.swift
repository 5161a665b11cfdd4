public import ClseqBase
import Foundation

/// `metrics.jsonl`: one JSON object a line, appended when an epoch is done.
public final class MetricsLog {
  private let file: AppendingFile

  /// Opens the log, or creates it.
  ///
  /// - Throws: `FileError`.
  public init(path: String) throws(FileError) {
    file = try AppendingFile(appendingTo: path)
  }

  /// Appends one line and flushes it to the disk. Numbers that are not finite become the strings
  /// `NaN`, `Infinity` and `-Infinity`.
  ///
  /// - Throws: `FileError`, or what the entry's own encoding throws.
  public func append(_ entry: some Encodable) throws {
    try file.append([UInt8](JSONText.line(entry)) + [0x0A])
    try file.synchronise()
  }

  /// Rewrites the log of a run that continues from a checkpoint: keeps its whole lines as long as
  /// `isKept` says so, and drops later lines and an incomplete last line.
  public static func truncate<Entry: Decodable>(
    _ path: String, to type: Entry.Type, while isKept: (Entry) -> Bool
  ) throws(FileError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    var kept: [UInt8] = []
    for line in try DurableFiles.bytes(of: path).split(separator: 0x0A) {
      guard let entry = try? JSONText.decoder.decode(type, from: line), isKept(entry) else { break }
      kept += line + [0x0A]
    }
    try DurableFiles.write(kept, to: path)
  }
}
