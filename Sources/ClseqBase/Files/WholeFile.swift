import Foundation

/// A file that exists whole or not at all: it is written under another name in the same folder, and
/// renamed after its bytes are on the disk. A pipe, or a device such as `/dev/null`, is written directly.
public final class WholeFile {
  /// The treatment of an existing file of the name.
  public enum Taken: Sendable {
    /// It is an error, at the start and at the end.
    case isRefused
    /// It is replaced at the end. A link to a file is kept, and the file that it leads to is written directly.
    case isReplaced
  }

  /// The name that the file will have.
  public let path: String
  private let taken: Taken
  /// Where it is written until it is whole; nil for a pipe or a device.
  private let partial: String?
  private let file: AppendingFile
  private var pending: [UInt8] = []
  private var isFinished = false

  private static let flushByteCount = 1 << 18

  /// Begins a file.
  ///
  /// - Throws: ``FileError`` of the attempt to create if the name exists and that is refused, or the
  ///   folder does not exist.
  public init(_ path: String, whereTaken taken: Taken) throws(FileError) {
    self.path = path
    self.taken = taken
    let isStraight: Bool
    switch taken {
    case .isRefused:
      try Self.requireAbsent(path)
      isStraight = Self.isStream(path)
    case .isReplaced:
      var status = stat()
      isStraight = lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }
    partial = isStraight ? nil : path + DurableFiles.partialSuffix
    switch (partial, taken) {
    case (let partial?, _): file = try AppendingFile(creating: partial, replacing: true)
    case (nil, .isRefused): file = try AppendingFile(appendingTo: path)
    case (nil, .isReplaced): file = try AppendingFile(creating: path, replacing: true)
    }
    pending.reserveCapacity(Self.flushByteCount)
  }

  deinit { if let partial, !isFinished { unlink(partial) } }

  /// Whether a path names standard output: `-`, or a name that Linux has for it.
  public static func isStandardOutput(_ path: String) -> Bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path)
  }

  /// Whether a path leads to a pipe, a socket or a device, which cannot be replaced as a whole.
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

  /// Appends bytes.
  public func append(_ bytes: some Collection<UInt8>) throws(FileError) {
    pending.append(contentsOf: bytes)
    if pending.count >= Self.flushByteCount { try flush() }
  }

  /// Appends bytes; large pieces are not copied.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    guard bytes.count >= Self.flushByteCount else {
      pending.append(contentsOf: bytes)
      if pending.count >= Self.flushByteCount { try flush() }
      return
    }
    try flush()
    try file.append(bytes)
  }

  /// Appends text.
  public func append(_ text: String) throws(FileError) { try append(text.utf8) }

  /// Gives the file its name.
  public func finish() throws(FileError) {
    try flush()
    guard let partial else { return }
    try file.synchronise()
    if taken == .isRefused { try Self.requireAbsent(path) }
    try DurableFiles.rename(partial, to: path)
    isFinished = true
  }

  private func flush() throws(FileError) {
    try file.append(pending)
    pending.removeAll(keepingCapacity: true)
  }
}
