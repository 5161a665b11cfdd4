#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file, or standard input, read in pieces. A file is closed with the last reference.
package final class FileByteSource: ByteSource {
  /// The path that means standard input, and its name in errors.
  static let standardInput = (path: "-", name: "<stdin>")

  package let path: String
  private let descriptor: Int32

  /// - Parameter path: The path of a file, or `-` for standard input.
  /// - Throws: `DataError.missingFile` or `DataError.unreadable`.
  package init(path: String) throws(DataError) {
    if path == Self.standardInput.path {
      self.path = Self.standardInput.name
      descriptor = STDIN_FILENO
      return
    }
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      throw errno == ENOENT
        ? .missingFile(path: path) : .unreadable(path: path, reason: systemErrorText())
    }
  }

  var isStandardInput: Bool { descriptor == STDIN_FILENO }

  deinit {
    if !isStandardInput && descriptor >= 0 { close(descriptor) }
  }

  package func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
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
