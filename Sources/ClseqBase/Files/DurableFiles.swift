package import Foundation

/// Writes that are atomic across a loss of power: a name has the old content or the new, never a part.
package enum DurableFiles {
  /// Replaces the content of a file: written beside it, fsynced, renamed into place.
  package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let file = try WholeFile(path, whereTaken: .isReplaced)
    try file.append(bytes)
    try file.finish()
  }

  /// The ending of the name of a file or folder that is being written or removed.
  package static let partialSuffix = ".partial"

  /// Renames a file or folder, replacing a file, and makes the new name durable.
  package static func rename(_ old: String, to new: String) throws(FileError) {
    guard Foundation.rename(old, new) == 0 else { throw FileError(.write, new) }
    try synchronise(folder(of: new))
  }

  /// Makes `path` a symbolic link to `target`, replacing one that is there.
  package static func link(_ path: String, to target: String) throws(FileError) {
    let partial = path + partialSuffix
    unlink(partial)
    guard symlink(target, partial) == 0 else { throw FileError(.create, partial) }
    do { try rename(partial, to: path) } catch {
      unlink(partial)
      throw error
    }
  }

  /// Flushes a file's content, or a folder's names, to the disk.
  package static func synchronise(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.write, path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(.write, path) }
  }

  /// The names of a folder's entries, in ascending order.
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

  /// Removes a file, or a folder with its content; does nothing if there is none.
  package static func remove(_ path: String) throws(FileError) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch CocoaError.fileNoSuchFile {
      return
    } catch {
      throw FileError(.write, path, reason: FileError.reason(of: error))
    }
  }

  /// Removes a folder; under its name it is seen whole or not at all.
  package static func removeWhole(_ path: String) throws(FileError) {
    let partial = path + partialSuffix
    try remove(partial)
    guard Foundation.rename(path, partial) == 0 else { throw FileError(.write, path) }
    try remove(partial)
  }

  /// Creates a folder that does not exist, in a folder that exists.
  package static func createFolder(_ path: String) throws(FileError) {
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
