import Clseq
import ClseqData
import ClseqTraining
import Foundation

/// Several trainings on one log, each in a run of its own below one folder. Runs that are finished are
/// not trained again, and begun ones are gone on with, where the call says --resume.
struct Sweep {
  let folder: String
  private let call: TrainingCall
  private let resolution: SettingResolution
  private let resumes: Bool
  /// Whether a training has begun: its settings fit, and its log was read.
  private(set) var hasTrained = false
  private var reading: (key: [String], dataset: Result<SequenceDataset, any Error>)?

  /// - Parameter kind: goes into the folder's name where none is asked for.
  /// - Throws: `RunDirectoryError.exists` for a folder that is there, without --resume.
  init(_ kind: String, _ call: TrainingCall, _ resolution: SettingResolution) throws {
    let asked = call.options.last { $0.key == "run" }?.text ?? ""
    resumes = call.options.contains { $0.key == "resume" && $0.text == "true" }
    // What is resumed are the runs below.
    var call = call
    call.options.removeAll { ["run", "resume"].contains($0.key) }
    let settings = try resolution.training(call)
    guard case .network = settings.model else {
      throw SettingsError.doNotFit("a baseline is not trained, and depends on no seed")
    }
    guard !resumes || !asked.isEmpty else {
      throw SettingsError.doNotFit("--resume needs the folder of the runs: --run")
    }
    if !resumes, !asked.isEmpty, FileManager.default.fileExists(atPath: asked) {
      throw RunDirectoryError.exists(path: asked)
    }
    folder =
      asked.isEmpty
      ? RunLayout.defaultPath(
        model: "\(settings.model.rawValue)-\(kind)",
        data: settings.data.isEmpty ? "shop" : settings.data,
        at: Date())
      : asked
    self.call = call
    self.resolution = resolution
    try resolution.warnOfIdleSettings(call, settings)
  }

  /// The settings that are alike in all runs.
  var settings: TrainingSettings { get throws { try resolution.training(call) } }

  /// The settings of a run.
  func settings(
    changing changes: [(key: String, text: String)]
  ) throws -> TrainingSettings {
    try resolution.training(call.changing(changes))
  }

  /// The record of a run, which is trained first where it is not finished.
  ///
  /// - Throws: ``FailedTrial`` where it failed for good before, and what a training can throw.
  mutating func record(
    of name: String, changing changes: [(key: String, text: String)]
  ) throws -> RunRecord {
    let layout = RunLayout(path: "\(folder)/\(name)")
    let hasBegun = FileManager.default.fileExists(atPath: layout.passportPath)
    hasTrained = hasTrained || hasBegun
    if let failure = try FailedTrial.known(in: layout) { throw failure }
    if hasBegun, case let record = try RunRecord(of: layout), record.state == .finished {
      return record
    }
    // Without a passport nothing was trained there.
    if !hasBegun { try DurableFiles.remove(layout.path) }
    var changes = changes + [("run", layout.path)]
    if hasBegun { changes.append(("resume", "true")) }
    let settings = try settings(changing: changes)
    guard case .network = settings.model else {
      throw SettingsError.doNotFit(
        "\(settings.model.rawValue) is not trained: `clseq train` scores it")
    }
    let dataset = try dataset(settings)
    Console.note("\(name): \(hasBegun ? "going on" : "training")", settings)
    hasTrained = true
    do { _ = try TrainingCall.train(settings, dataset) } catch let interruption as Interruption {
      throw Interruption(
        signal: interruption.signal,
        advice: "go on with the same command and --resume --run \(folder)")
    } catch let divergence as TrainingDiverged {
      try FailedTrial(reason: "\(divergence)").save(to: layout)
      throw divergence
    }
    return try RunRecord(of: layout)
  }

  /// The log as the settings read it. The latest reading is kept, one that failed too: runs that read
  /// alike follow one another.
  private mutating func dataset(_ settings: TrainingSettings) throws -> SequenceDataset {
    let key = Self.readingKey(settings)
    if let reading, reading.key == key { return try reading.dataset.get() }
    // The one before goes first: two need not be in memory.
    reading = nil
    let dataset = Result { try settings.readDataset() }
    reading = (key, dataset)
    return try dataset.get()
  }

  /// Values of the settings by which a reading can differ from another: all but those that are known to
  /// have nothing to do with it.
  static func readingKey(_ settings: TrainingSettings) -> [String] {
    Setting.all.filter { !isOfModel.contains($0.key) }.map { $0.text(in: settings) }
  }

  private static let isOfModel: Set<String> = [
    "run", "resume", "model", "max_length", "hidden_size", "layers", "heads", "feed_forward_size",
    "dropout", "activation", "norm", "positions", "recurrent_sizes", "attention_score", "window",
    "dense_size", "loss", "negatives", "negative_sharing", "negative_sampling", "calibration",
    "huber_delta", "class_weights", "bins", "batch_size", "batch_events", "epochs", "patience",
    "optimizer", "momentum", "nesterov", "learning_rate", "schedule", "warmup_steps",
    "weight_decay", "beta1", "beta2", "clip_norm", "max_time", "checkpoint_every",
    "keep_checkpoints", "seed", "device", "tuning", "memory", "kernels", "profile",
  ]
}

/// A training that ended for good: with the same settings it would end so again.
struct FailedTrial: Error, Codable, CustomStringConvertible {
  /// Why.
  let reason: String

  var description: String { reason }

  private static func path(in layout: RunLayout) -> String { "\(layout.path)/failure.json" }

  /// Keeps it in the directory of its run.
  func save(to layout: RunLayout) throws {
    try DurableFiles.write(Array(JSONText.document(self).utf8), to: Self.path(in: layout))
  }

  /// What was kept; nil where nothing was.
  static func known(in layout: RunLayout) throws -> FailedTrial? {
    let path = path(in: layout)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      return try JSONText.decoder.decode(Self.self, from: try DurableFiles.bytes(of: path))
    } catch is DecodingError {
      throw FileError(.read, path, reason: "it is damaged, or of another version")
    }
  }
}
