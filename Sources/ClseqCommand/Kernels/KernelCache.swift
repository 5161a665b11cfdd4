import Clseq
import ClseqTraining
import Foundation
import Synchronization

/// Keeps the kernels that pocl has built from one process to the next.
///
/// pocl 3.1 keeps them itself, in a folder that processes share. A process that finds a file there cut
/// off is killed, and so are some of several that fill it at once. Here every process has a folder of
/// its own, filled from an archive with a checksum; when it ends, what it has built is added to the
/// archive. Who sets `POCL_CACHE_DIR` has pocl's own way.
enum KernelCache {
  private struct Session {
    let base: String
    let folder: String
    /// Held while the process lives.
    let lock: Int32
    let known: Set<String>
    /// Bytes of the archive, 0 where there was none; nil where it was damaged.
    let archiveByteCount: Int?
    /// Whether all of it goes when the process ends, because the cache has no room.
    let isTemporary: Bool
  }

  private static let session = Mutex<Session?>(nil)
  private static let wasOpened = Atomic<Bool>(false)
  private static let archiveName = "pocl.archive"
  private static let folderPrefix = "process-"
  /// Beyond so many bytes only what this process has used is kept.
  private static let mostByteCount = 64 << 20
  /// Room for what pocl builds: 18 MB were seen. Where it runs out, pocl ends the process.
  private static let neededByteCount = 32 << 20

  /// Prepares the folder of this process, once. Call it before OpenCL is first used, as ``DeviceRoad``
  /// does. Where the cache cannot be written or its disk is full, the folder is a temporary one.
  static func open(_ environment: [String: String]) {
    guard (environment["POCL_CACHE_DIR"] ?? "").isEmpty,
      let home = environment["XDG_CACHE_HOME"] ?? environment["HOME"].map({ "\($0)/.cache" })
    else { return }
    guard !wasOpened.exchange(true, ordering: .relaxed) else { return }
    session.withLock { session in
      let usual = "\(home)/clseq/kernels"
      let base = hasRoom(usual) ? usual : temporaryFolder() ?? usual
      session = try? locked(base) { try begin(in: base, isTemporary: base != usual) }
      if let session { setenv("POCL_CACHE_DIR", session.folder, 1) }
    }
  }

  /// Where built kernels are kept, and what was found there.
  static var description: String {
    session.withLock { session in
      guard let session else { return "pocl's own, in POCL_CACHE_DIR" }
      let path = "\(session.base)/\(archiveName)"
      return switch session.archiveByteCount {
      case nil: "\(path): it was damaged, and is built anew"
      case 0: "\(path): empty"
      case let count?: "\(path): \(count) bytes, sound"
      }
    }
  }

  /// Whether no kernels are known from earlier processes, as far as that can be told.
  static var isCold: Bool {
    session.withLock { session in
      guard let session else { return false }
      return (session.archiveByteCount ?? 0) == 0
    }
  }

  /// Adds what was built to the archive, and removes the folder.
  static func close() {
    session.withLock { session in
      guard let ended = session else { return }
      session = nil
      if ended.isTemporary {
        try? DurableFiles.remove(ended.base)
      } else {
        try? locked(ended.base) {
          try save(ended)
          try DurableFiles.remove(ended.folder)
        }
      }
      Foundation.close(ended.lock)
    }
  }

  /// Whether kernels can be built in a folder; warns where they cannot.
  private static func hasRoom(_ base: String) -> Bool {
    try? FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
    let obstacle: String
    var status = statvfs()
    if access(base, W_OK) != 0 || statvfs(base, &status) != 0 {
      obstacle = String(cString: strerror(errno))
    } else {
      let free = Double(status.f_bavail) * Double(status.f_frsize)
      guard free < Double(neededByteCount) else { return true }
      obstacle = "\(Int(free)) bytes are free of the \(neededByteCount) that building takes"
    }
    Console.warn("\(base): \(obstacle): kernels are built in a temporary folder and not kept")
    return false
  }

  /// A new folder that nobody else may write to: what is in it is run.
  private static func temporaryFolder() -> String? {
    var template = Array("\(NSTemporaryDirectory())clseq-kernels-XXXXXX".utf8CString)
    return mkdtemp(&template).map { String(cString: $0) }
  }

  private static func begin(in base: String, isTemporary: Bool) throws -> Session {
    for name in try DurableFiles.names(in: base) where name.hasPrefix(folderPrefix) {
      // Its process has ended without closing it.
      if let lock = lockFile("\(base)/\(name)/lock", waits: false) {
        try DurableFiles.remove("\(base)/\(name)")
        Foundation.close(lock)
      }
    }
    let folder = "\(base)/\(folderPrefix)\(getpid())"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    guard let lock = lockFile("\(folder)/lock", waits: false) else {
      throw FileError(.create, folder, reason: "its lock is held")
    }
    let archive = read(base)
    try unpack(archive ?? KernelArchive(), into: folder)
    return Session(
      base: base, folder: folder, lock: lock, known: archive.map { Set($0.files.keys) } ?? [],
      archiveByteCount: archive?.byteCount, isTemporary: isTemporary)
  }

  /// The archive, empty where there is none; nil where it was damaged, and is removed.
  private static func read(_ base: String) -> KernelArchive? {
    let path = "\(base)/\(archiveName)"
    guard let bytes = try? DurableFiles.bytes(of: path) else { return KernelArchive() }
    if let archive = KernelArchive(Array(bytes)) { return archive }
    Console.warn("\(path) is damaged: the kernels are built anew")
    try? DurableFiles.remove(path)
    return nil
  }

  private static func unpack(_ archive: KernelArchive, into folder: String) throws {
    for (path, content) in archive.files {
      let file = URL(fileURLWithPath: "\(folder)/\(path)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try AppendingFile(creating: file.path).append(content)
    }
  }

  private static func save(_ session: Session) throws {
    let built = try pack(session.folder)
    guard !Set(built.files.keys).isSubset(of: session.known) else { return }
    var archive = read(session.base) ?? KernelArchive()
    archive.files.merge(built.files) { $1 }
    if archive.byteCount > mostByteCount { archive = built }
    try DurableFiles.write(archive.bytes, to: "\(session.base)/\(archiveName)")
  }

  /// Programs that this process has used: pocl leaves `last_accessed` beside each.
  private static func pack(_ folder: String) throws -> KernelArchive {
    var archive = KernelArchive()
    let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let used = paths.filter { $0.hasSuffix("/last_accessed") }.map {
      $0.dropLast("last_accessed".count)
    }
    for path in paths where used.contains(where: path.hasPrefix) {
      guard !path.hasSuffix("/last_accessed"), !path.contains("tempfile_"),
        isFile("\(folder)/\(path)")
      else { continue }
      archive.files[path] = Array(try DurableFiles.bytes(of: "\(folder)/\(path)"))
    }
    return archive
  }

  private static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }

  /// Runs `body` while no other process does so in the same folder.
  private static func locked<Result>(_ base: String, _ body: () throws -> Result) throws -> Result {
    try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
    guard let lock = lockFile("\(base)/lock", waits: true) else {
      throw FileError(.create, "\(base)/lock", reason: "it cannot be locked")
    }
    defer { Foundation.close(lock) }
    return try body()
  }

  /// A locked file, nil where another process holds it or it cannot be made.
  private static func lockFile(_ path: String, waits: Bool) -> Int32? {
    let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | (waits ? 0 : LOCK_NB)) == 0 else {
      Foundation.close(descriptor)
      return nil
    }
    return descriptor
  }
}
