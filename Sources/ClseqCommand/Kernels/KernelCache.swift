import Clseq
import ClseqTraining
import Foundation
import Synchronization

/// Keeps the kernels that pocl has built from one process to the next.
///
/// pocl 3.1 keeps them itself, in a folder that processes share. A process that finds a file there cut
/// off is killed, and so are some of several that fill it at once. Here every process has a folder of
/// its own (``KernelFolder``), filled from an archive with a checksum when the process first needs
/// kernels; when it ends, the kernels that it has built are added to the archive. Who sets
/// `POCL_CACHE_DIR` has pocl's own way.
enum KernelCache {
  private struct Session {
    let base: String
    let folder: KernelFolder
    /// Whether all of it goes when the process ends, because the cache has no room.
    let isTemporary: Bool
    /// Nil until kernels are needed.
    var archive: Archive?
    /// The folder stays locked until the process ends: a thread of pocl may still write to it.
    var isClosed = false
  }

  /// The archive that the folder was filled from.
  private struct Archive {
    let paths: Set<String>
    /// Bytes of its files, 0 where there was none; nil where it was damaged.
    let byteCount: Int?
  }

  private static let session = Mutex<Session?>(nil)
  private static let wasOpened = Atomic<Bool>(false)
  private static let archiveName = "pocl.archive"
  /// Beyond so many bytes only what this process has used is kept.
  private static let mostByteCount = 64 << 20
  /// Room for what pocl builds: 18 MB were seen. Where it runs out, pocl ends the process.
  private static let neededByteCount = 32 << 20

  /// Gives this process a folder, once. Call it before OpenCL is first used, as ``DeviceRoad`` does.
  /// Where the cache cannot be written or its disk is full, the folder is a temporary one.
  static func open(_ environment: [String: String]) {
    guard (environment["POCL_CACHE_DIR"] ?? "").isEmpty,
      let home = environment["XDG_CACHE_HOME"] ?? environment["HOME"].map({ "\($0)/.cache" })
    else { return }
    guard !wasOpened.exchange(true, ordering: .relaxed) else { return }
    session.withLock { session in
      let usual = "\(home)/clseq/kernels"
      let base = hasRoom(usual) ? usual : temporaryFolder() ?? usual
      session = try? locked(base) {
        Session(
          base: base, folder: try KernelFolder.take(in: base), isTemporary: base != usual)
      }
      if let session { setenv("POCL_CACHE_DIR", session.folder.path, 1) }
    }
  }

  /// Fills the folder with the kernels of earlier processes, once. Call it before a program is built.
  static func fill() {
    session.withLock { session in
      guard let filled = session, filled.archive == nil else { return }
      let archive = (try? locked(filled.base) { read(filled.base) }) ?? nil
      session?.archive = Archive(
        paths: archive.map { Set($0.files.keys) } ?? [], byteCount: archive?.byteCount)
      do {
        try filled.folder.fill(from: archive ?? KernelArchive())
      } catch {
        // A file may have been cut off: none must stay.
        Console.warn("\(error): the kernels are built anew")
        try? filled.folder.fill(from: KernelArchive())
      }
    }
  }

  /// Where built kernels are kept, and what was found there.
  static var description: String {
    session.withLock { session in
      guard let session else { return "pocl's own, in POCL_CACHE_DIR" }
      let path = "\(session.base)/\(archiveName)"
      guard let archive = session.archive else { return path }
      return switch archive.byteCount {
      case nil: "\(path): it was damaged, and is built anew"
      case 0: "\(path): empty"
      case let count?: "\(path): \(count) bytes, sound"
      }
    }
  }

  /// Programs and kernels that pocl has built since the folder was filled; nil without a folder.
  static var builtCounts: (programs: Int, kernels: Int)? {
    session.withLock { session in
      guard let session, let archive = session.archive, let files = try? session.folder.files()
      else { return nil }
      let new = files.filter { !archive.paths.contains($0) }
      return (
        new.count { $0.hasSuffix("/program.bc") }, new.count { $0.hasSuffix(".so") }
      )
    }
  }

  /// Adds what was built to the archive.
  static func close() {
    session.withLock { session in
      guard let ended = session, !ended.isClosed else { return }
      session?.isClosed = true
      if ended.isTemporary {
        try? DurableFiles.remove(ended.base)
        return
      }
      try? locked(ended.base) {
        if let archive = ended.archive { try save(ended, archive) }
      }
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

  /// The archive, empty where there is none; nil where it was damaged, and is removed.
  private static func read(_ base: String) -> KernelArchive? {
    let path = "\(base)/\(archiveName)"
    guard let bytes = KernelFolder.bytes(of: path) else { return KernelArchive() }
    if let archive = KernelArchive(bytes) { return archive }
    Console.warn("\(path) is damaged: the kernels are built anew")
    try? DurableFiles.remove(path)
    return nil
  }

  private static func save(_ session: Session, _ known: Archive) throws {
    let used = try session.folder.used()
    guard !Set(used.files.keys).isSubset(of: known.paths) else { return }
    var archive = read(session.base) ?? KernelArchive()
    archive.files.merge(used.files) { $1 }
    if archive.byteCount > mostByteCount { archive = used }
    try DurableFiles.write(archive.bytes, to: "\(session.base)/\(archiveName)")
  }

  /// Runs `body` while no other process does so in the same folder.
  private static func locked<Result>(_ base: String, _ body: () throws -> Result) throws -> Result {
    try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
    guard let lock = FileLock.open("\(base)/lock", waits: true) else {
      throw FileError(.create, "\(base)/lock", reason: "it cannot be locked")
    }
    defer { Foundation.close(lock) }
    return try body()
  }
}
