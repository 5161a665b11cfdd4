public import ClseqBase
public import ClseqData
public import ClseqSettings
import Foundation

/// The directory of one training run, open for writing.
///
/// ```
/// config.yaml  passport.json  metrics.jsonl  events.out.tfevents.*  lock  summary.json
/// task.json  vocabulary.txt  item_counts.txt  item_inputs.safetensors
/// checkpoints/NAME/...        best -> checkpoints/NAME
/// ```
///
/// One process at a time may write a run: the lock is held while the object lives.
public final class RunDirectory {
  /// The names inside.
  public let layout: RunLayout
  private let lock: Int32

  /// The directory itself.
  public var path: String { layout.path }

  /// Creates a run directory with all folders above it.
  ///
  /// - Throws: ``RunDirectoryError/exists(path:)`` where anything has that name.
  public static func create(at path: String) throws(RunDirectoryError) -> RunDirectory {
    let layout = RunLayout(path: path)
    var status = stat()
    guard lstat(path, &status) != 0 else { throw .exists(path: path) }
    do {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: path).deletingLastPathComponent(),
        withIntermediateDirectories: true)
    } catch {
      throw .file(FileError(.create, path, reason: FileError.reason(of: error)))
    }
    guard mkdir(path, 0o755) == 0 else {
      throw errno == EEXIST ? .exists(path: path) : .file(FileError(.create, path))
    }
    do {
      try DurableFiles.synchronise(DurableFiles.folder(of: path))
      try DurableFiles.createFolder(layout.checkpointsPath)
    } catch {
      rmdir(path)
      throw .file(error)
    }
    return RunDirectory(layout, lock: try takeLock(layout))
  }

  /// Opens the directory of a run to go on with it, and clears what an ended process left
  /// half-written.
  ///
  /// - Throws: ``RunDirectoryError`` where there is no run or another process holds it.
  public static func resume(at path: String) throws(RunDirectoryError) -> RunDirectory {
    let layout = try RunLayout.existing(at: path)
    let run = RunDirectory(layout, lock: try takeLock(layout))
    do {
      for folder in [path, layout.checkpointsPath] {
        for name in try DurableFiles.names(in: folder)
        where name.hasSuffix(DurableFiles.partialSuffix) {
          try DurableFiles.remove("\(folder)/\(name)")
        }
      }
    } catch { throw .file(error) }
    return run
  }

  private init(_ layout: RunLayout, lock: Int32) {
    self.layout = layout
    self.lock = lock
  }

  deinit { close(lock) }

  private static func takeLock(_ layout: RunLayout) throws(RunDirectoryError) -> Int32 {
    let descriptor = open(layout.lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(FileError(.create, layout.lockPath)) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      defer { close(descriptor) }
      var text = [UInt8](repeating: 0, count: 16)
      let count = max(0, pread(descriptor, &text, text.count, 0))
      throw .inUse(path: layout.path, process: Int(String(decoding: text[..<count], as: UTF8.self)))
    }
    // Names the process that holds the lock. The lock itself ends with the process, whatever the
    // file says.
    let text = Array("\(getpid())".utf8)
    do throws(FileError) {
      guard ftruncate(descriptor, 0) == 0 else { throw FileError(.write, layout.lockPath) }
      try AppendingFile.write(text, to: descriptor, of: layout.lockPath)
    } catch {
      close(descriptor)
      throw .file(error)
    }
    return descriptor
  }

  /// Writes a file of the run whole, replacing one of this name.
  public func write(_ text: String, to path: String) throws(FileError) {
    try DurableFiles.write(Array(text.utf8), to: path)
  }

  /// Keeps the summary of a training; nil before its end.
  public func setSummary(_ summary: (any Encodable & Sendable)?) throws {
    guard let summary else { return try DurableFiles.remove(layout.summaryPath) }
    try write(JSONText.document(summary), to: layout.summaryPath)
  }

  /// Writes a checkpoint: `body` fills a folder, which gets checksums, is made durable and is
  /// renamed into place. A sound one of this name is kept.
  ///
  /// - Parameters:
  ///   - name: names sort in the order of time: `step-000000012`.
  ///   - body: writes the files of the checkpoint into a folder.
  public func saveCheckpoint(
    _ name: String, _ body: (_ folder: String) throws -> Void
  ) throws -> Checkpoint {
    try Checkpoint.write(to: "\(layout.checkpointsPath)/\(name)", body)
  }

  /// Points `best` to the checkpoint of a name.
  public func setBest(_ name: String) throws(FileError) {
    let target = "checkpoints/\(name)"
    if (try? FileManager.default.destinationOfSymbolicLink(atPath: layout.bestPath)) == target {
      return
    }
    try DurableFiles.link(layout.bestPath, to: target)
  }

  /// Removes all checkpoints but those named.
  public func removeCheckpoints(except kept: Set<String>) throws(FileError) {
    for checkpoint in try layout.checkpoints() where !kept.contains(checkpoint.name) {
      try DurableFiles.removeWhole(checkpoint.path)
    }
  }
}

extension RunLayout {
  /// The layout of a run that is there.
  ///
  /// - Throws: ``RunDirectoryError`` where there is nothing, or something else.
  public static func existing(at path: String) throws(RunDirectoryError) -> RunLayout {
    let layout = RunLayout(path: path)
    guard FileManager.default.fileExists(atPath: path) else {
      throw .missing(path: path, nearest: nearestRun(to: path))
    }
    guard FileManager.default.fileExists(atPath: layout.configPath) else {
      throw .notARun(path: path, lacking: configName)
    }
    return layout
  }

  /// The run beside a mistyped one whose name is nearest.
  private static func nearestRun(to path: String) -> String? {
    let folder = DurableFiles.folder(of: path)
    let runs = ((try? DurableFiles.names(in: folder)) ?? []).filter {
      FileManager.default.fileExists(atPath: RunLayout(path: "\(folder)/\($0)").configPath)
    }
    return nearest(to: (path as NSString).lastPathComponent, among: runs).map {
      folder == "." && !path.hasPrefix("./") ? $0 : "\(folder)/\($0)"
    }
  }

  /// The best checkpoint of a run, checked against its checksums.
  ///
  /// - Parameter names: The files that are needed, nothing being said of others; nil for all.
  /// - Throws: ``RunDirectoryError/noCheckpoint(path:)``, `FileError` or ``CheckpointError``.
  public func verifiedBest(for names: Set<String>? = nil) throws -> Checkpoint {
    guard let best = try best() else { throw RunDirectoryError.noCheckpoint(path: path) }
    try best.verify(names)
    return best
  }

  /// The settings that the run was started with.
  ///
  /// - Throws: `SettingsError`.
  public func settings() throws(SettingsError) -> TrainingSettings {
    try TrainingSettings(layers: [SettingsLayer(yamlFile: configPath)])
  }

  /// Checks that the built-in log, which is taken where settings name none, is what the run was trained
  /// on: a program may have trained it on data of its own.
  ///
  /// - Throws: `SettingsError/doNotFit(_:)`, `FileError`.
  public func requireBuiltInLog(_ dataset: SequenceDataset, _ settings: TrainingSettings) throws {
    guard settings.data.isEmpty else { return }
    let passport = try passport()
    guard passport.dataHash != dataset.source.hash else { return }
    throw SettingsError.doNotFit(
      "\(path) was trained by a program on data of its own ('\(passport.data)'), and its settings name no "
        + "log: write the log's path after 'data:' in \(configPath)")
  }

  /// The rule for seen items that the run's predictions follow: that of its scores. Runs of earlier
  /// versions never gave an item that was seen.
  ///
  /// - Throws: As ``passport()``.
  public func seenRule() throws -> SeenRule { try passport().seenRule ?? .exclude }

  /// The runs that a new one comes from which starts from a checkpoint, for its passport: this one, and those before
  /// it.
  ///
  /// - Throws: As ``passport()``.
  package func lineage(to checkpoint: Checkpoint) throws -> [String] {
    let passport = try passport()
    let own =
      "\(path) (\(passport.model), \(passport.task), \(checkpoint.name), "
      + "\(passport.eventsHash ?? passport.dataHash))"
    return [own] + (passport.startedFrom ?? [])
  }

  /// What the scores of the run depend on.
  ///
  /// - Throws: `FileError`, or `DecodingError` when the file is no passport.
  public func passport() throws -> Passport {
    try JSONText.decoder.decode(Passport.self, from: Data(try DurableFiles.bytes(of: passportPath)))
  }
}
