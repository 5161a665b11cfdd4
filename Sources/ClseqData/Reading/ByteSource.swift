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
  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int
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

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      switch errno {
      case EINTR: continue
      case EISDIR: throw .unreadable(path: path, reason: systemErrorText())
      default: throw .readFailed(path: path, reason: systemErrorText())
      }
    }
  }
}

/// The system's words for the last failed call.
func systemErrorText() -> String {
  String(cString: strerror(errno))
}
