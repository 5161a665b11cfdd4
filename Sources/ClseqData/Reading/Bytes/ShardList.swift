#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files of a path, in the order of reading.
///
/// - `-` is standard input.
/// - A folder stands for the files in it, by name.
/// - A name with `*`, `?` or `[` that no file has is a pattern, and stands for the files that it
///   matches, by path.
/// - Anything else is one file.
///
/// If a folder has names with the endings of logs (`.csv`, `.tsv`, `.jsonl`, `.ndjson`, `.inter`, also
/// compressed, and `.db`, `.sqlite`, `.sqlite3`), the others are skipped: a README, or RecBole's tables of users and items.
///
/// In folders and patterns, names that begin with `_` or `.` are skipped: Spark and Hadoop
/// write such files beside the shards (`_SUCCESS`, `.part-0.crc`).
struct ShardList {
  let paths: [String]
  /// Skipped files of the folder, except those with `_` or `.`.
  let passedOver: [String]

  /// - Throws: `DataError.noFiles` if a folder or a pattern has no file; `.unreadable`; `.unfit` for
  ///   the folder of a run.
  init(path: String) throws(DataError) {
    if path == FileByteSource.standardInput.path {
      (paths, passedOver) = ([path], [])
      return
    }
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT == S_IFDIR {
      let files = try Self.files(inFolder: path)
      if files.contains(where: { $0.hasSuffix("/passport.json") }) {
        throw .unfit(
          path: path, what: "a run",
          expected: "a log; clseq evaluate and clseq report show the scores of a run")
      }
      let logs = files.filter(Self.isCalledLog)
      paths = logs.isEmpty ? files : logs
      passedOver = logs.isEmpty ? [] : files.filter { !Self.isCalledLog($0) }
      // Shards in subfolders would be missed.
      if let folder = passedOver.first(where: Self.isFolder) {
        throw .unreadable(path: folder, reason: "it is a folder among the shards")
      }
    } else if !exists && path.utf8.contains(where: { "*?[".utf8.contains($0) }) {
      (paths, passedOver) = (Self.matches(of: path), [])
    } else {
      (paths, passedOver) = ([path], [])
    }
    if paths.isEmpty { throw .noFiles(path: path) }
  }

  private static func files(inFolder path: String) throws(DataError) -> [String] {
    guard let folder = opendir(path) else {
      throw .unreadable(path: path, reason: systemErrorText())
    }
    defer { closedir(folder) }
    let prefix = path.hasSuffix("/") ? path : path + "/"
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if isShard(name) { names.append(prefix + name) }
    }
    return inByteOrder(names)
  }

  private static func matches(of pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, GLOB_NOSORT, nil, &found) == 0 else { return [] }
    let paths = (0..<Int(found.gl_pathc)).compactMap { index in
      found.gl_pathv[index].map { String(cString: $0) }
    }
    return inByteOrder(paths.filter { isShard($0.split(separator: "/").last ?? "") })
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func isCalledLog(_ path: String) -> Bool {
    let compressions = ["", ".gz", ".gzip", ".zst", ".zstd"]
    return [".csv", ".tsv", ".jsonl", ".ndjson", ".inter", ".db", ".sqlite", ".sqlite3"].contains {
      ending in
      compressions.contains { path.hasSuffix(ending + $0) }
    }
  }

  private static func isShard(_ name: some StringProtocol) -> Bool {
    !name.hasPrefix(".") && !name.hasPrefix("_")
  }

  /// An order that does not depend on the machine's language.
  private static func inByteOrder(_ paths: [String]) -> [String] {
    paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
