#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files that a path stands for, in the order in which they are read.
///
/// - `-` is standard input.
/// - A folder stands for the files in it, by name.
/// - A name with `*`, `?` or `[` that no file has is a pattern, and stands for the files that it
///   matches, by path.
/// - Anything else is one file.
///
/// In folders and patterns, names that begin with `_` or `.` are passed over: Spark and Hadoop
/// leave such files beside the shards (`_SUCCESS`, `.part-0.crc`).
struct ShardList {
  let paths: [String]

  /// - Throws: `DataError.noFiles` if a folder or a pattern gives nothing; `.unreadable`.
  init(path: String) throws(DataError) {
    if path == FileByteSource.standardInput.path {
      paths = [path]
      return
    }
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT == S_IFDIR {
      paths = try Self.files(inFolder: path)
    } else if !exists && path.utf8.contains(where: { "*?[".utf8.contains($0) }) {
      paths = Self.matches(of: path)
    } else {
      paths = [path]
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

  private static func isShard(_ name: some StringProtocol) -> Bool {
    !name.hasPrefix(".") && !name.hasPrefix("_")
  }

  /// The same order on every machine, whatever its language.
  private static func inByteOrder(_ paths: [String]) -> [String] {
    paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
