import Clseq
import ClseqTraining
import Foundation

/// The folder in which pocl finds kernels and leaves new ones, of one process at a time.
///
/// It stays when its process ends, and the next one takes it over: making and removing hundreds of
/// folders took longer than anything else in a short command. What a process has left is not trusted,
/// because it may have been killed or the disk may have lost power: see ``fill(from:)``.
package final class KernelFolder: Sendable {
  package let path: String
  private let number: Int
  private let lock: Int32

  private static let prefix = "folder-"
  /// Of folders whose process has ended, so many are kept.
  private static let keptCount = 2
  /// A file that pocl leaves beside each program that it has looked for.
  private static let accessName = "last_accessed"
  private static let lockName = "lock"

  private init(path: String, number: Int, lock: Int32) {
    self.path = path
    self.number = number
    self.lock = lock
  }

  deinit { close(lock) }

  /// Takes the first folder that no process has, until the object is released or the process ends.
  /// The caller holds the lock of `base`.
  package static func take(in base: String) throws -> KernelFolder {
    let kept = (0..<keptCount).map { "\(prefix)\($0)" }
    // Version 0.1.0 had a folder for each process, which nobody takes over.
    for name in try DurableFiles.names(in: base)
    where (name.hasPrefix(prefix) || name.hasPrefix("process-")) && !kept.contains(name) {
      if let lock = FileLock.open("\(base)/\(name)/\(lockName)", waits: false) {
        try DurableFiles.remove("\(base)/\(name)")
        close(lock)
      }
    }
    for number in 0... {
      let path = "\(base)/\(prefix)\(number)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      if let lock = FileLock.open("\(path)/\(lockName)", waits: false) {
        // Files that pocl touches from now on are not older than the lock.
        futimens(lock, nil)
        return KernelFolder(path: path, number: number, lock: lock)
      }
      // Another process has it, or another user.
      guard errno == EWOULDBLOCK || errno == EACCES else {
        throw FileError(.create, "\(path)/\(lockName)")
      }
    }
    preconditionFailure("every folder of \(base) is taken")
  }

  /// Gives the folder the files of the archive and no others. Each that is there is compared with the
  /// archive byte by byte, so that pocl finds no file that was cut off.
  package func fill(from archive: KernelArchive) throws {
    var missing = archive.files
    for file in try files() {
      if let content = archive.files[file], Self.holds("\(path)/\(file)", content) {
        missing[file] = nil
      } else if !Self.isOwn(file) {
        try DurableFiles.remove("\(path)/\(file)")
      }
    }
    for (file, content) in missing {
      let url = URL(fileURLWithPath: "\(path)/\(file)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try AppendingFile(creating: url.path).append(content)
    }
  }

  /// The files of the programs that this process has used.
  package func used() throws -> KernelArchive {
    var archive = KernelArchive()
    let files = try files()
    var status = stat()
    fstat(lock, &status)
    let start = status.st_mtim
    let used = files.filter { file in
      guard file.hasSuffix("/\(Self.accessName)"), stat("\(path)/\(file)", &status) == 0 else {
        return false
      }
      let touched = status.st_mtim
      return (touched.tv_sec, touched.tv_nsec) >= (start.tv_sec, start.tv_nsec)
    }.map { $0.dropLast(Self.accessName.count) }
    for file in files where !Self.isOwn(file) && used.contains(where: file.hasPrefix) {
      guard !file.contains("tempfile_") else { continue }
      guard let bytes = Self.bytes(of: "\(path)/\(file)") else {
        throw FileError(.read, "\(path)/\(file)")
      }
      archive.files[file] = bytes
    }
    return archive
  }

  /// Whether a file is there for other reasons than its content.
  private static func isOwn(_ file: String) -> Bool {
    file == lockName || file.hasSuffix("/\(accessName)")
  }

  private static func holds(_ path: String, _ content: [UInt8]) -> Bool {
    guard let bytes = bytes(of: path), bytes.count == content.count else { return false }
    return memcmp(bytes, content, content.count) == 0
  }

  /// The bytes of a file, nil where it cannot be read. Foundation takes longer for many small files.
  static func bytes(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let count = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let taken = read(descriptor, buffer.baseAddress! + filled, count - filled)
        if taken < 0, errno == EINTR { continue }
        guard taken > 0 else { return }
        filled += taken
      }
    }
    return bytes.count == count ? bytes : nil
  }

  /// Paths of all files below the folder.
  func files() throws -> [String] {
    var files: [String] = []
    var folders = [""]
    while let folder = folders.popLast() {
      guard let stream = opendir("\(path)/\(folder)") else {
        throw FileError(.read, "\(path)/\(folder)")
      }
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name == "." || name == ".." { continue }
        if isFolder(entry.pointee.d_type, folder + name) {
          folders.append("\(folder)\(name)/")
        } else {
          files.append(folder + name)
        }
      }
    }
    return files
  }

  private func isFolder(_ type: UInt8, _ file: String) -> Bool {
    guard type == DT_UNKNOWN else { return type == DT_DIR }
    var status = stat()
    return lstat("\(path)/\(file)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

/// A locked file.
enum FileLock {
  /// Its descriptor; nil where another process holds it, with EWOULDBLOCK, or it cannot be made.
  static func open(_ path: String, waits: Bool) -> Int32? {
    let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | (waits ? 0 : LOCK_NB)) == 0 else {
      let reason = errno
      close(descriptor)
      errno = reason
      return nil
    }
    return descriptor
  }
}
