import ClseqBase
import ClseqData
import ClseqInference
import ClseqOps
public import ClseqRuns
import ClseqSettings
import Foundation

/// The position from which a run continues.
public struct ResumePoint: Sendable {
  /// The newest sound checkpoint; nil where none had been finished.
  public let checkpoint: Checkpoint?
  /// What is wrong with newer ones, which are passed over.
  public let damages: [CheckpointError]
}

extension Trainer {
  /// Makes a run directory this run's own: writes the settings, the passport and the vocabulary into
  /// a new one, and loads the newest intact checkpoint of an old one. Training calls it where it was
  /// not called before; call it yourself to report the position.
  ///
  /// - Returns: The position from which an old run continues; nil for a new one.
  /// - Throws: `ChangedRun` when an old run was trained on other data, `CheckpointError` when
  ///   all its checkpoints are damaged, `FileError` when the directory cannot be written.
  @discardableResult
  public func prepare(_ run: RunDirectory) throws -> ResumePoint? {
    let point = try point(of: run)
    try run.setSummary(nil)
    preparedPath = run.path
    return point
  }

  private func point(of run: RunDirectory) throws -> ResumePoint? {
    // The passport is written last: a run that has none never began.
    guard FileManager.default.fileExists(atPath: run.layout.passportPath) else {
      try takeStart()
      try job.split.dataset.vocabulary.write(to: run.layout.vocabularyPath)
      try RunItems.write(job.inputs, job.split, to: run)
      try run.write(settings.yaml, to: run.layout.configPath)
      try run.write(try JSONText.document(job.description), to: run.layout.taskPath)
      try run.write(try JSONText.document(passport), to: run.layout.passportPath)
      return nil
    }
    var saved = try run.layout.passport()
    // Earlier versions excluded all seen items but the target: without repeats that is the same.
    if saved.seen == Passport.oldSeenRule, hasNoRepeats { saved.seen = passport.seen }
    try passport.requireUnchanged(since: saved, of: run.path)
    (passport.startedFrom, passport.base) = (saved.startedFrom, saved.base)
    guard passport.teacher == saved.teacher else {
      throw SettingsError.doNotFit(
        "\(run.path) has learned from \(saved.teacher ?? "no teacher"), and would go on with "
          + "\(passport.teacher ?? "none"): bring the teacher back, or train a new run")
    }
    try run.layout.requireTask(job.description)
    try run.write(settings.yaml, to: run.layout.configPath)
    if settings.hasAdapters { try takeBase(of: run.layout) }
    var damages: [CheckpointError] = []
    for checkpoint in try run.layout.checkpoints().reversed() {
      do { try checkpoint.verify() } catch {
        damages.append(error)
        continue
      }
      try resume(checkpoint, of: run)
      return ResumePoint(checkpoint: checkpoint, damages: damages)
    }
    if let damage = damages.first { throw damage }
    // It was interrupted before its first checkpoint.
    if !settings.hasAdapters { try takeStart() }
    try MetricsLog.truncate(run.layout.metricsPath, to: EpochMetrics.self) { _ in false }
    return ResumePoint(checkpoint: nil, damages: [])
  }

  private var hasNoRepeats: Bool {
    Split.Part.allCases.allSatisfy { job.split.repeatShare(of: $0) == 0 }
  }

  private func resume(_ checkpoint: Checkpoint, of run: RunDirectory) throws {
    try load(checkpoint)
    try ModelFile.readMoments(into: store, from: checkpoint.file(ModelFile.optimizer))
    guard let saved = TrainingState(in: checkpoint),
      saved.batch <= sampler.batchCount(epoch: saved.epoch - 1)
    else {
      throw CheckpointError.damaged(path: checkpoint.file(TrainingState.fileName))
    }
    state = saved
    state.stopping.patience = settings.patience
    if let best = state.bestCheckpoint { try run.setBest(best) }
    try MetricsLog.truncate(run.layout.metricsPath, to: EpochMetrics.self) {
      $0.epoch < saved.epoch
    }
  }

  /// Replaces the parameters by those of a checkpoint; beside adapters, those that are trained.
  public func load(_ checkpoint: Checkpoint) throws {
    try checkpoint.verify()
    let frozen = settings.hasAdapters ? store.parameters.filter { !$0.isTrained }.map(\.name) : []
    try ModelFile.readParameters(
      into: store, except: Set(frozen), from: checkpoint.file(ModelFile.parameters))
  }

  /// Checks all parameters before they are saved.
  ///
  /// - Parameter values: Those of ``ParameterStore/values``.
  /// - Throws: ``TrainingDiverged`` for the first that is infinite or no number.
  func requireFinite(_ values: [Float]) throws(TrainingDiverged) {
    for (parameter, offset) in zip(store.parameters, store.offsets) {
      let part = values[offset..<offset + parameter.count]
      guard let place = part.firstIndex(where: { !$0.isFinite }) else { continue }
      throw TrainingDiverged(
        step: state.step, tensor: parameter.name, element: place - offset, value: values[place])
    }
  }
}
