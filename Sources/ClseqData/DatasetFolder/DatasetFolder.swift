#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A prepared log on disk: a folder of columns, token lists and a manifest. It is written as a whole or
/// not at all, and read by mapping.
///
/// | file | content |
/// |---|---|
/// | `dataset.json` | ``DatasetManifest`` |
/// | `offsets.bin` | the start of each user's events, then the end of the last user's: Int64 |
/// | `items.bin` | the item of each event, 1…V: Int32 |
/// | `times.bin` | microseconds since 1970, if the log has times: Int64 |
/// | `types.bin` | the index of the event type from 0, -1 for none, if the log has types: Int32 |
/// | `sessions.bin` | the number of the session among the user's, from 0, if there are sessions: Int32 |
/// | `labels.bin` | the label, NaN for none, if the log has labels: Double |
/// | `feature-0.bin`, … | the numbers of each feature as the log has them, NaN for none: Double |
/// | `users.txt`, `items.txt`, `types.txt` | tokens, one per line |
/// | `user-attribute-*`, `item-attribute-*` | see ``AttributeManifest`` |
///
/// Numbers are little-endian. A blank last line of `items.txt` stands for the unknown item.
enum DatasetFolder {
  static let offsets = "offsets.bin"
  static let items = "items.bin"
  static let times = "times.bin"
  static let types = "types.bin"
  static let sessions = "sessions.bin"
  static let labels = "labels.bin"
  static let userTokens = "users.txt"
  static let itemTokens = "items.txt"
  static let typeTokens = "types.txt"

  /// The column of a feature, by its place from 0.
  static func feature(_ index: Int) -> String { "feature-\(index).bin" }

  /// Whether a path is a dataset folder.
  static func exists(at path: String) -> Bool {
    access("\(path)/\(DatasetManifest.fileName)", F_OK) == 0
  }

  /// Makes a folder `PATH.PROCESS.NUMBER.partial`, lets a body fill it, and renames it. If several
  /// processes do so at once, the first wins.
  ///
  /// - Throws: `DataError.cannotWrite` if the path exists, or a call fails.
  static func create(
    _ path: String, _ fill: (_ folder: String) throws(DataError) -> Void
  ) throws(DataError) {
    let taken = DataError.cannotWrite(
      path: path, reason: "it exists; remove it or choose another name")
    guard access(path, F_OK) != 0 else { throw taken }
    let partial = try ownFolder(for: path)
    do throws(DataError) {
      try fill(partial)
      try sync(partial)
    } catch {
      remove(partial)
      throw error
    }
    guard rename(partial, path) == 0 else {
      let (reason, isTaken) = (systemErrorText(), errno == ENOTEMPTY || errno == EEXIST)
      remove(partial)
      throw isTaken ? taken : .cannotWrite(path: path, reason: reason)
    }
    let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    try sync(parent.isEmpty ? "." : parent.joined(separator: "/") + "/")
  }

  /// A new folder beside a path, which will get that path.
  private static func ownFolder(for path: String) throws(DataError) -> String {
    removeForsaken(for: path)
    var number = 0
    while true {
      let folder = "\(path).\(getpid()).\(number).partial"
      if mkdir(folder, 0o755) == 0 { return folder }
      guard errno == EEXIST else { throw .cannotWrite(path: folder, reason: systemErrorText()) }
      number += 1
    }
  }

  /// Removes partial folders of processes that no longer exist.
  private static func removeForsaken(for path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let parent = parts.count > 1 ? parts.dropLast().joined(separator: "/") + "/" : "./"
    let prefix = (parts.last.map(String.init) ?? path) + "."
    for name in names(in: parent) where name.hasPrefix(prefix) && name.hasSuffix(".partial") {
      let middle = name.dropFirst(prefix.count).dropLast(".partial".count).split(separator: ".")
      guard middle.count == 2, let process = pid_t(middle[0]), UInt(middle[1]) != nil,
        kill(process, 0) != 0, errno == ESRCH
      else { continue }
      remove(parent + name)
    }
  }

  /// Removes a folder of files.
  static func remove(_ folder: String) {
    for name in names(in: folder) { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  /// The names of a folder's entries; none if it cannot be read.
  static func names(in folder: String) -> [String] {
    guard let entries = opendir(folder) else { return [] }
    defer { closedir(entries) }
    var names: [String] = []
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  private static func sync(_ folder: String) throws(DataError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotWrite(path: folder, reason: systemErrorText()) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw .cannotWrite(path: folder, reason: systemErrorText())
    }
  }
}
