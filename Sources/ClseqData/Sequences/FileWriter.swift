#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a file as a whole or not at all: the bytes go into `PATH.partial`, which `finish()` renames
/// to `PATH`. What is there and no plain file (a pipe, a terminal, a link) is written straight.
struct FileWriter: ~Copyable {
  private static let flushByteCount = 1 << 18
  private let path: String
  /// Where the bytes go until the end.
  private let target: String
  private let descriptor: Int32
  private var pending: [UInt8] = []
  private var writtenCount = 0
  private var isFinished = false

  /// - Throws: `DataError.cannotWrite`.
  init(path: String) throws(DataError) {
    var status = stat()
    let isSpecial = lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    let target = isSpecial ? path : path + ".partial"
    let descriptor = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: systemErrorText()) }
    self.path = path
    self.target = target
    self.descriptor = descriptor
    pending.reserveCapacity(Self.flushByteCount)
  }

  deinit {
    close(descriptor)
    if !isFinished && target != path { unlink(target) }
  }

  mutating func append(_ bytes: some Collection<UInt8>) throws(DataError) {
    pending.append(contentsOf: bytes)
    if pending.count >= Self.flushByteCount { try flush() }
  }

  /// Writes what is pending, sees that it is on the disk, and gives the file its name.
  mutating func finish() throws(DataError) {
    try flush()
    guard target != path else { return }
    guard fsync(descriptor) == 0, rename(target, path) == 0 else { throw failure() }
    isFinished = true
  }

  private mutating func flush() throws(DataError) {
    var start = 0
    while start < pending.count {
      let count = pending.withUnsafeBytes { bytes in
        write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
      }
      if count < 0 && errno != EINTR {
        let reason = systemErrorText()
        throw .cannotWrite(
          path: path, reason: "\(reason), after \(writtenCount + start) bytes")
      }
      start += max(0, count)
    }
    writtenCount += pending.count
    pending.removeAll(keepingCapacity: true)
  }

  private borrowing func failure() -> DataError {
    .cannotWrite(path: path, reason: systemErrorText())
  }
}
