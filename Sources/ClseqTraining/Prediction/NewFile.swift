import Foundation

/// A file that is written beside its name and gets the name when it is whole; one that is there is
/// never replaced.
public final class NewFile {
  /// The name that the file will have.
  public let path: String
  private let partial: String
  private let file: AppendingFile
  private var pending: [UInt8] = []
  private var isFinished = false

  private static let flushByteCount = 1 << 18

  /// - Throws: ``FileError`` of the attempt to create where the name is taken, or the folder is not
  ///   there.
  public init(_ path: String) throws(FileError) {
    try Self.requireAbsent(path)
    self.path = path
    partial = path + ".partial"
    file = try AppendingFile(creating: partial, replacing: true)
  }

  /// - Throws: ``FileError`` where anything has this name.
  public static func requireAbsent(_ path: String) throws(FileError) {
    var status = stat()
    guard lstat(path, &status) != 0 else {
      throw FileError(.create, path, reason: "it exists; choose another name or remove it")
    }
  }

  deinit { if !isFinished { unlink(partial) } }

  /// Appends text.
  public func append(_ text: String) throws(FileError) {
    pending += text.utf8
    if pending.count >= Self.flushByteCount { try flush() }
  }

  /// Gives the file its name.
  public func finish() throws(FileError) {
    try flush()
    try file.synchronise()
    try Self.requireAbsent(path)
    try DurableFiles.rename(partial, to: path)
    isFinished = true
  }

  private func flush() throws(FileError) {
    try file.append(pending)
    pending.removeAll(keepingCapacity: true)
  }
}
