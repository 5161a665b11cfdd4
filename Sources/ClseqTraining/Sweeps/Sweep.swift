import ClseqBase
public import ClseqData
import ClseqRuns
public import ClseqSettings
import Foundation

/// Several trainings on one log, each in a run of its own in one folder. A finished run is not trained
/// again, and one that was interrupted continues.
///
/// ```swift
/// var sweep = Sweep(in: "runs/seeds") { changes in
///   try ResolvedSettings(
///     layers: [SettingsLayer(origin: .program, values: [("data", "log.csv")] + changes)])
/// }
/// let report = try sweep.report(ofSeeds: [1, 2, 3])
/// ```
public struct Sweep {
  /// Values of settings, as text.
  public typealias Changes = [(key: String, text: String)]

  /// Path of the folder of the runs.
  public let folder: String
  /// Whether a training has begun: its settings fit, and its log was read.
  private(set) var hasTrained = false
  /// Receives each run's name before it is trained, and whether it continues.
  public var onRun: (_ name: String, _ continues: Bool) -> Void = { _, _ in }
  /// Receives each trial that failed, and why.
  public var onFailure: (_ name: String, _ reason: String) -> Void = { _, _ in }
  /// Reads the log of the settings; runs that read alike share a reading.
  public var datasets = LatestDataset()
  /// Trains a run to its end; its settings name the run directory.
  public var train: (ResolvedSettings, SequenceDataset) throws -> Void = { settings, dataset in
    let trainer = try Trainer(
      settings.training, dataset: dataset, on: settings.training.openBackend())
    let run = try RunDirectory.begin(settings, dataName: dataset.source.name)
    _ = try trainer.train(in: run, progress: ProgressReport(style: .silent))
  }

  private let settings: (Changes) throws -> ResolvedSettings

  /// - Parameters:
  ///   - folder: Path of the folder, which may have runs of an earlier call.
  ///   - settings: The settings of a run, with some values changed.
  public init(in folder: String, settings: @escaping (Changes) throws -> ResolvedSettings) {
    (self.folder, self.settings) = (folder, settings)
  }

  /// The record of a run, which is trained first where it is not finished.
  ///
  /// - Throws: ``FailedTrial`` where it failed for good before, ``TrainingInterrupted``, and what reading
  ///   and training throw.
  mutating func record(of name: String, changing changes: Changes) throws -> RunRecord {
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
    let settings = try settings(changes)
    guard settings.model.kind != nil else {
      throw SettingsError.doNotFit(
        "\(settings.model.rawValue) is not trained: `clseq train` scores it")
    }
    let dataset = try datasets.dataset(settings)
    onRun(name, hasBegun)
    hasTrained = true
    do { try train(settings, dataset) } catch let divergence as TrainingDiverged {
      try FailedTrial(reason: "\(divergence)").save(to: layout)
      throw divergence
    }
    return try RunRecord(of: layout)
  }

  /// Values of the settings by which a reading can differ from another.
  func readingKey(changing changes: Changes) -> [String] {
    (try? settings(changes)).map(LatestDataset.key) ?? []
  }
}

/// A training that ended for good: with the same settings it would end so again.
public struct FailedTrial: Error, Codable, CustomStringConvertible {
  /// Why.
  public let reason: String

  /// The reason.
  public var description: String { reason }

  private static func path(in layout: RunLayout) -> String { "\(layout.path)/failure.json" }

  /// Keeps it in the directory of its run.
  func save(to layout: RunLayout) throws {
    try DurableFiles.write(Array(JSONText.document(self).utf8), to: Self.path(in: layout))
  }

  /// The failure that was kept; nil where none was.
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
