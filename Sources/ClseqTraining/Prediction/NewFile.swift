import Foundation

/// A file that is written beside its name and gets the name when it is whole; one that is there is
/// never replaced. A pipe, or a device such as `/dev/null`, is written as it is.
public final class NewFile {
  /// The name that the file will have.
  public let path: String
  /// Where it is written until it is whole; nil for a pipe or a device.
  private let partial: String?
  private let file: AppendingFile
  private var pending: [UInt8] = []
  private var isFinished = false

  private static let flushByteCount = 1 << 18

  /// - Throws: ``FileError`` of the attempt to create where the name is taken, or the folder is not
  ///   there.
  public init(_ path: String) throws(FileError) {
    try Self.requireAbsent(path)
    self.path = path
    guard !Self.isStream(path) else {
      partial = nil
      file = try AppendingFile(appendingTo: path)
      return
    }
    let partial = path + ".partial"
    self.partial = partial
    file = try AppendingFile(creating: partial, replacing: true)
  }

  /// Whether a path names standard output: `-`, or a name that Linux has for it.
  public static func isStandardOutput(_ path: String) -> Bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path)
  }

  /// Whether a path leads to a pipe, a socket or a device, of which there is no whole.
  private static func isStream(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    return [S_IFCHR, S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT)
  }

  /// - Throws: ``FileError`` where a file, a folder or a link that leads nowhere has this name.
  public static func requireAbsent(_ path: String) throws(FileError) {
    var status = stat()
    guard lstat(path, &status) != 0 || isStream(path) else {
      throw FileError(.create, path, reason: "it exists; choose another name or remove it")
    }
  }

  deinit { if let partial, !isFinished { unlink(partial) } }

  /// Appends text.
  public func append(_ text: String) throws(FileError) {
    pending += text.utf8
    if pending.count >= Self.flushByteCount { try flush() }
  }

  /// Gives the file its name.
  public func finish() throws(FileError) {
    try flush()
    guard let partial else { return }
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
