package import Foundation

/// Writes that a loss of power cannot tear: a name stands for the old content or for the new.
package enum DurableFiles {
  /// Replaces the content of a file: written beside it, fsynced, renamed into place.
  package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let partial = path + partialSuffix
    do throws(FileError) {
      let file = try AppendingFile(creating: partial, replacing: true)
      try file.append(bytes)
      try file.synchronise()
      try rename(partial, to: path)
    } catch {
      unlink(partial)
      throw error
    }
  }

  /// Ends the name of a file or folder that is being written, or removed.
  static let partialSuffix = ".partial"

  /// Renames a file or folder, replacing a file, and makes the new name durable.
  package static func rename(_ old: String, to new: String) throws(FileError) {
    guard Foundation.rename(old, new) == 0 else { throw FileError(.write, new) }
    try synchronise(folder(of: new))
  }

  /// Makes `path` a symbolic link to `target`, replacing one that is there.
  static func link(_ path: String, to target: String) throws(FileError) {
    let partial = path + partialSuffix
    unlink(partial)
    guard symlink(target, partial) == 0 else { throw FileError(.create, partial) }
    do { try rename(partial, to: path) } catch {
      unlink(partial)
      throw error
    }
  }

  /// Flushes a file's content, or a folder's names, to the disk.
  static func synchronise(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.write, path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(.write, path) }
  }

  /// Names of what a folder holds, in ascending order.
  package static func names(in folder: String) throws(FileError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw FileError(.read, folder, reason: FileError.reason(of: error))
    }
  }

  package static func bytes(of path: String) throws(FileError) -> Data {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw FileError(.read, path, reason: FileError.reason(of: error))
    }
  }

  /// Removes a file or a folder with all it holds; nothing happens where there is none.
  package static func remove(_ path: String) throws(FileError) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch CocoaError.fileNoSuchFile {
      return
    } catch {
      throw FileError(.write, path, reason: FileError.reason(of: error))
    }
  }

  /// Removes a folder so that no half of it is ever seen under its name.
  static func removeWhole(_ path: String) throws(FileError) {
    let partial = path + partialSuffix
    try remove(partial)
    guard Foundation.rename(path, partial) == 0 else { throw FileError(.write, path) }
    try remove(partial)
  }

  /// Creates a folder that is not there yet; the folder above it is there.
  static func createFolder(_ path: String) throws(FileError) {
    guard mkdir(path, 0o755) == 0 else { throw FileError(.create, path) }
    do { try synchronise(folder(of: path)) } catch {
      rmdir(path)
      throw error
    }
  }

  /// The folder that holds a file or folder. Foundation's own way traps on a name of one character.
  package static func folder(of path: String) -> String {
    var name = Substring(path)
    while name.count > 1, name.last == "/" { name.removeLast() }
    guard var slash = name.lastIndex(of: "/") else { return "." }
    while slash > name.startIndex, name[name.index(before: slash)] == "/" {
      slash = name.index(before: slash)
    }
    return slash == name.startIndex ? "/" : String(name[..<slash])
  }
}

/// A file that only grows.
package final class AppendingFile {
  package let path: String
  private let descriptor: Int32

  /// Creates a file; one that is there already is an error or is emptied.
  package init(creating path: String, replacing: Bool = false) throws(FileError) {
    self.path = path
    descriptor = open(
      path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (replacing ? O_TRUNC : O_EXCL), 0o644)
    guard descriptor >= 0 else { throw FileError(.create, path) }
  }

  /// Opens a file, or creates it, to write at its end.
  init(appendingTo path: String) throws(FileError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(.create, path) }
  }

  deinit { close(descriptor) }

  /// Writes at the end. What was written before an error stays.
  package func append(_ bytes: [UInt8]) throws(FileError) {
    try Self.write(bytes, to: descriptor, of: path)
  }

  static func write(
    _ bytes: [UInt8], to descriptor: Int32, of path: String
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
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
        return Foundation.write(descriptor, rest.baseAddress, rest.count)
      }
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

  /// Flushes what was written to the disk.
  package func synchronise() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(.write, path) }
  }
}
