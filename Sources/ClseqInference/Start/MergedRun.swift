import ClseqBase
import ClseqNN
public import ClseqRuns
public import ClseqSettings
import Foundation

/// A run of adapters as one that needs no other: its adapters are added to the weights of its base.
///
/// `W + (α / r) B A` in place of W: Hu et al., "LoRA: Low-rank adaptation of large language models" (ICLR 2022),
/// section 4.1.
public struct MergedRun: Sendable {
  /// The settings of the merged run: those of the run of adapters, without a start.
  public let settings: TrainingSettings
  /// Maps that have an adapter.
  public let adapterCount: Int
  private let run: TrainedRun
  private let checkpoint: Checkpoint
  private let arrays: [LoadedModel.NamedArray]

  /// Merges the best checkpoint of a run.
  ///
  /// - Throws: `SettingsError.doNotFit` for a run without adapters, `AdapterBaseError`, and `RunDirectoryError`,
  ///   `CheckpointError` and `ParameterFileError` where a run is incomplete or damaged.
  public init(_ layout: RunLayout) throws {
    let settings = try layout.settings()
    guard settings.hasAdapters else {
      throw SettingsError.doNotFit(
        "\(layout.path) has no adapters to merge: it holds all of its parameters already")
    }
    run = try TrainedRun(layout, settings: settings)
    checkpoint = try layout.verifiedBest()
    let model = try LoadedModel(withoutUsers: run, from: checkpoint)
    arrays = try model.mergedArrays()
    adapterCount = model.adapterCount
    var merged = settings
    let usual = TrainingSettings()
    (merged.startFrom, merged.loraRank, merged.loraAlpha) = ("", 0, usual.loraAlpha)
    merged.layerRate = usual.layerRate
    self.settings = merged
  }

  /// Writes the run: its checkpoint, with moments of 0 for the merged weights, and what else a run has, but for
  /// the event log.
  ///
  /// - Throws: `FileError`, `ParameterFileError`.
  public func write(to directory: RunDirectory) throws {
    let (from, to) = (run.layout, directory.layout)
    let copies = [
      (from.vocabularyPath, to.vocabularyPath), (from.itemCountsPath, to.itemCountsPath),
      (from.itemInputsPath, to.itemInputsPath), (from.taskPath, to.taskPath),
      (from.metricsPath, to.metricsPath), (from.calibrationPath, to.calibrationPath),
    ]
    for (source, place) in copies where FileManager.default.fileExists(atPath: source) {
      try DurableFiles.write([UInt8](DurableFiles.bytes(of: source)), to: place)
    }
    try directory.write(settings.yaml, to: to.configPath)
    let written = try directory.saveCheckpoint(checkpoint.name) { folder in
      try ParameterFile.write(
        to: "\(folder)/\(ModelFile.parameters)", metadata: ["format": "pt"],
        tensors: arrays.map { ($0.name, $0.shape) }
      ) { name in arrays.first { $0.name == name }?.values ?? [] }
      try writeMoments(to: "\(folder)/\(ModelFile.optimizer)")
      try DurableFiles.write(
        [UInt8](DurableFiles.bytes(of: checkpoint.file(TrainingState.fileName))),
        to: "\(folder)/\(TrainingState.fileName)")
    }
    try directory.setBest(written.name)
    var passport = try from.passport()
    (passport.base, passport.startedFrom) = (nil, try from.lineage(to: checkpoint))
    if let bytes = try? DurableFiles.bytes(of: from.summaryPath) {
      var summary = try JSONText.decoder.decode(TrainingSummary.self, from: Data(bytes))
      (summary.run, summary.passport) = (directory.path, passport)
      try directory.setSummary(summary)
    }
    // Written last, as by a training: a run that has none never began.
    try directory.write(JSONText.document(passport), to: to.passportPath)
  }

  /// Moments of what was trained as a whole are kept.
  private func writeMoments(to path: String) throws {
    let file = try ParameterFile(readingFrom: checkpoint.file(ModelFile.optimizer))
    var values: [String: [Float]] = [:]
    for prefix in ModelFile.momentPrefixes {
      for array in arrays {
        let name = prefix + array.name
        values[name] =
          file.entry(name)?.shape == array.shape
          ? try file.floats(name, shape: array.shape)
          : [Float](repeating: 0, count: array.values.count)
      }
    }
    try ParameterFile.write(
      to: path, metadata: ["format": "pt"],
      tensors: ModelFile.momentPrefixes.flatMap { prefix in
        arrays.map { (prefix + $0.name, $0.shape) }
      }
    ) { values[$0] ?? [] }
  }
}
