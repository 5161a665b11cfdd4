import Foundation

/// The directory of one training run, open for writing.
///
/// ```
/// config.yaml  passport.json  metrics.jsonl  events.out.tfevents.*  lock
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
      try DurableFiles.createFolder(layout.checkpointsPath)
    } catch { throw .file(error) }
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
        where name.hasSuffix(Checkpoint.partialSuffix) {
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
      close(descriptor)
      throw .inUse(path: layout.path)
    }
    return descriptor
  }

  /// Writes a file of the run whole, replacing one of this name.
  public func write(_ text: String, to path: String) throws(FileError) {
    try DurableFiles.write(Array(text.utf8), to: path)
  }

  /// Writes a checkpoint: `body` fills a folder, which gets checksums, is made durable and is
  /// renamed into place. One of this name is replaced.
  ///
  /// - Parameter name: names sort in the order of time: `epoch-0012`.
  public func saveCheckpoint(
    _ name: String, _ body: (_ folder: String) throws -> Void
  ) throws -> Checkpoint {
    try Checkpoint.write(to: "\(layout.checkpointsPath)/\(name)", body)
  }

  /// Points `best` to a checkpoint of this run.
  public func setBest(_ checkpoint: Checkpoint) throws(FileError) {
    try DurableFiles.link(layout.bestPath, to: "checkpoints/\(checkpoint.name)")
  }

  /// Removes all checkpoints but those named.
  public func removeCheckpoints(except kept: [Checkpoint]) throws(FileError) {
    let names = Set(kept.map(\.name))
    for checkpoint in try layout.checkpoints() where !names.contains(checkpoint.name) {
      try DurableFiles.remove(checkpoint.path)
    }
  }
}

extension RunLayout {
  /// The layout of a run that is there.
  ///
  /// - Throws: ``RunDirectoryError`` where there is nothing, or something else.
  public static func existing(at path: String) throws(RunDirectoryError) -> RunLayout {
    let layout = RunLayout(path: path)
    guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
    guard FileManager.default.fileExists(atPath: layout.configPath) else {
      throw .notARun(path: path, lacking: configName)
    }
    return layout
  }

  /// The best checkpoint of a run, checked against its checksums.
  ///
  /// - Throws: ``RunDirectoryError/noCheckpoint(path:)``, ``FileError`` or ``CheckpointError``.
  public func verifiedBest() throws -> Checkpoint {
    guard let best = try best() else { throw RunDirectoryError.noCheckpoint(path: path) }
    try best.verify()
    return best
  }

  /// The settings that the run was started with.
  ///
  /// - Throws: ``SettingsError``.
  public func settings() throws(SettingsError) -> TrainingSettings {
    try TrainingSettings(layers: [SettingsLayer(yamlFile: configPath)])
  }

  /// What the scores of the run depend on.
  ///
  /// - Throws: ``FileError``, or `DecodingError` when the file is no passport.
  public func passport() throws -> Passport {
    try JSONText.decoder.decode(Passport.self, from: Data(try DurableFiles.bytes(of: passportPath)))
  }
}
