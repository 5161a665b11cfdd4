#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where the bytes of a log come from: a file, or a generator.
protocol ByteSource {
  /// The name that errors show.
  var path: String { get }
  /// Fills the start of `buffer` and says how many bytes it wrote; zero at the end.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int
}

/// A file read in pieces, closed when the last reference goes.
final class FileByteSource: ByteSource {
  let path: String
  private let descriptor: Int32

  /// - Throws: `DataError.missingFile` or `DataError.unreadable`.
  init(path: String) throws(DataError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      throw errno == ENOENT
        ? .missingFile(path: path) : .unreadable(path: path, reason: systemErrorText())
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    while true {
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      #elseif canImport(Musl)
        let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
      #else
        let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
      #endif
      if count >= 0 { return count }
      switch errno {
      case EINTR: continue
      case EISDIR: throw .unreadable(path: path, reason: systemErrorText())
      default: throw .readFailed(path: path, reason: systemErrorText())
      }
    }
  }
}

/// A file being written through a buffer. Call `finish()`; a file left without it is incomplete.
struct FileWriter: ~Copyable {
  private static let flushByteCount = 1 << 18
  let path: String
  private let descriptor: Int32
  private var pending: [UInt8] = []

  /// Creates the file, or empties the one that is there.
  ///
  /// - Throws: `DataError.cannotWrite`.
  init(path: String) throws(DataError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: systemErrorText()) }
    self.path = path
    self.descriptor = descriptor
    pending.reserveCapacity(Self.flushByteCount)
  }

  deinit { close(descriptor) }

  mutating func write(_ bytes: some Collection<UInt8>) throws(DataError) {
    pending.append(contentsOf: bytes)
    if pending.count >= Self.flushByteCount { try flush() }
  }

  /// Writes what is pending and sees that it has reached the disk.
  mutating func finish() throws(DataError) {
    try flush()
    // A pipe or a terminal cannot be synchronised, and need not be.
    if fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP {
      throw .cannotWrite(path: path, reason: systemErrorText())
    }
  }

  private mutating func flush() throws(DataError) {
    var start = 0
    while start < pending.count {
      let count = pending.withUnsafeBytes { bytes in
        #if canImport(Glibc)
          Glibc.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
        #elseif canImport(Musl)
          Musl.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
        #else
          Darwin.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
        #endif
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw .cannotWrite(path: path, reason: systemErrorText())
      }
      start += count
    }
    pending.removeAll(keepingCapacity: true)
  }
}

/// The system's words for the last failed call.
private func systemErrorText() -> String {
  String(cString: strerror(errno))
}
