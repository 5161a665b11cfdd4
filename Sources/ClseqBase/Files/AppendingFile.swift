import Foundation

/// A file that only grows.
package final class AppendingFile {
  package let path: String
  private let descriptor: Int32

  /// Creates a file. An existing file is an error or is emptied.
  package init(creating path: String, replacing: Bool = false) throws(FileError) {
    self.path = path
    descriptor = open(
      path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (replacing ? O_TRUNC : O_EXCL), 0o644)
    guard descriptor >= 0 else { throw FileError(.create, path) }
  }

  /// Opens a file, or creates it, to write at its end.
  package init(appendingTo path: String) throws(FileError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(.create, path) }
  }

  deinit { close(descriptor) }

  /// Writes at the end. Bytes written before an error are kept.
  package func append(_ bytes: [UInt8]) throws(FileError) {
    try Self.write(bytes, to: descriptor, of: path)
  }

  /// Writes at the end. Bytes written before an error are kept.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try Self.write(bytes, to: descriptor, of: path)
  }

  package static func write(
    _ bytes: [UInt8], to descriptor: Int32, of path: String
  ) throws(FileError) {
    let written = bytes.withUnsafeBytes { bytes in
      Result { () throws(FileError) in try write(bytes, to: descriptor, of: path) }
    }
    try written.get()
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, of path: String
  ) throws(FileError) {
    let (done, error) = put(bytes, to: descriptor)
    guard error == 0 else {
      throw FileError(
        .write, path,
        reason: "\(String(cString: strerror(error))), after \(done) of \(bytes.count) bytes")
    }
  }

  /// Writes to a descriptor, and waits where it takes nothing at the moment.
  ///
  /// - Returns: The bytes that were written, and the `errno` that ended it, 0 for none.
  package static func put(_ bytes: [UInt8], to descriptor: Int32) -> (done: Int, error: Int32) {
    bytes.withUnsafeBytes { put($0, to: descriptor) }
  }

  /// Writes to a descriptor, and waits where it takes nothing at the moment.
  ///
  /// - Returns: The bytes that were written, and the `errno` that ended it, 0 for none.
  package static func put(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
  ) -> (done: Int, error: Int32) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        done += count
      } else if errno == EAGAIN {
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&state, 1, -1)
      } else if errno != EINTR {
        return (done, errno)
      }
    }
    return (done, 0)
  }

  /// Flushes the written bytes to the disk.
  package func synchronise() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(.write, path) }
  }
}
