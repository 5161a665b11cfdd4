import ClseqBase

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A cache of datasets made from large logs: the same log, read in the same way, is mapped the next time.
///
/// The key of a dataset is the hash of the log's files and of the options of reading. If there are more
/// than ``keptCount``, the least recently used one is removed. Logs that cannot be cached are read each
/// time, and so is a SQLite database, whose rows do not depend on its file alone.
public struct DatasetCache: Sendable {
  /// The maximum number of cached datasets.
  public static let keptCount = 8
  /// The minimum size of a cached log, 64 MiB: reading a smaller one is fast.
  public static let leastByteCount = 64 << 20

  private let folder: String
  private let leastByteCount: Int

  /// - Parameters:
  ///   - folder: The folder of the cache; created if necessary.
  ///   - leastByteCount: The minimum size of the files of a cached log.
  public init(folder: String, leastByteCount: Int = Self.leastByteCount) {
    self.folder = folder
    self.leastByteCount = leastByteCount
  }

  /// The dataset of a log, as ``SequenceDataset/load(path:extending:options:needs:sessionGap:attributes:cache:version:spillFolder:)`` gives it;
  /// nil if it is not to be cached, or cannot be.
  ///
  /// - Parameters:
  ///   - version: The version of clseq.
  ///   - progress: Called with the progress of making it.
  /// - Throws: The errors of reading the log.
  func dataset(
    path: String, options: ReadingOptions, rules: DatasetRules, version: String,
    progress: ProgressHandler? = nil
  ) throws(DataError) -> SequenceDataset? {
    guard path != "-", let key = try key(path, options, rules, version),
      Self.makeFolders(folder)
    else { return nil }
    let kept = "\(folder)/\(key)"
    if let dataset = try? Self.kept(at: kept) {
      utimes("\(kept)/\(DatasetManifest.fileName)", nil)
      return dataset
    }
    DatasetFolder.remove(kept)
    let building = "\(kept).\(getpid())"
    do throws(DataError) {
      _ = try SequenceDataset.prepare(
        path: path, options: options, rules: rules, to: building, version: version,
        progress: progress)
    } catch .cannotWrite {
      return nil
    }
    // Another process may have been faster.
    if rename(building, kept) != 0 { DatasetFolder.remove(building) }
    removeOldest()
    return try? Self.kept(at: kept)
  }

  private static func kept(at path: String) throws(DataError) -> SequenceDataset {
    let (dataset, manifest) = try DatasetFolder.mapped(path)
    // It is the log, so its scores are compared by the log's hash.
    return dataset.with(sourceHash: manifest.source.hash)
  }

  /// The key of the log and the options of reading; nil for a log that is too small.
  private func key(
    _ path: String, _ options: ReadingOptions, _ rules: DatasetRules, _ version: String
  ) throws(DataError) -> String? {
    let paths = try ShardList(path: path).paths
    var byteCount = 0
    for path in paths {
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      byteCount += Int(status.st_size)
    }
    guard byteCount >= leastByteCount, options.selection == nil, options.format != .sqlite,
      try !holdsDatabase(paths)
    else { return nil }
    let columns = options.columns
    var parts = [
      version, path.split(separator: "/").last.map(String.init) ?? "", "\(options.format as Any)",
      "\(options.times)", "\(options.timesBetween?.text ?? "")", "\(options.hasHeader)",
      "\(options.tolerated.text)",
      "\(options.missing)", "\(options.maximumExpansion)", "\(rules)",
      "\(options.selection as Any)",
      columns.recognized.map(\.rawValue).sorted().joined(separator: " "),
    ]
    parts += columns.names.map { "\($0.key.rawValue)=\($0.value)" }.sorted()
    parts.append(columns.optional.map(\.rawValue).sorted().joined(separator: " "))
    for path in paths { parts.append(try MappedFile(path: path).hash.text) }
    var hash = ContentHash()
    for part in parts {
      Array("\(part)\n".utf8).withUnsafeBytes { hash.update($0) }
    }
    return String(hash.text.dropFirst("xxh64:".count))
  }

  /// Whether a file is a SQLite database, which may have rows in a write-ahead log beside it.
  private func holdsDatabase(_ paths: [String]) throws(DataError) -> Bool {
    for path in paths {
      let file = try MappedFile(path: path)
      let isDatabase = withExtendedLifetime(file) {
        file.bytes.starts(with: SQLiteByteSource.magic)
      }
      if isDatabase { return true }
    }
    return false
  }

  private func removeOldest() {
    let kept = DatasetFolder.names(in: folder).compactMap { name -> (path: String, used: Int)? in
      var status = stat()
      let path = "\(folder)/\(name)"
      guard stat("\(path)/\(DatasetManifest.fileName)", &status) == 0 else { return nil }
      return (path, Int(status.st_mtim.tv_sec))
    }
    for entry in kept.sorted(by: { $0.used > $1.used }).dropFirst(Self.keptCount) {
      DatasetFolder.remove(entry.path)
    }
  }

  /// Makes a folder and its parents. Returns whether it exists.
  private static func makeFolders(_ path: String) -> Bool {
    for end in path.indices.dropFirst() where path[end] == "/" {
      mkdir(String(path[..<end]), 0o755)
    }
    return mkdir(path, 0o755) == 0 || errno == EEXIST
  }
}
