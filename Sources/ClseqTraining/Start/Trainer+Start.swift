import ClseqBase
import ClseqData
import ClseqInference
import ClseqModels
import ClseqRuns
import ClseqSettings

extension Trainer {
  /// Begins with the parameters of the run of `TrainingSettings.startFrom`, or with parameters and moments of
  /// that of `TrainingSettings.continueFrom`, once; a run that is prepared
  /// anew does so itself.
  ///
  /// - Returns: what was taken; nil where no run is named.
  /// - Throws: `SettingsError.doNotFit` for a run of another model or shape; `RunDirectoryError`,
  ///   `CheckpointError`, `ParameterFileError` and `DataError` for an incomplete or damaged one.
  @discardableResult
  public func takeStart() throws -> StartReport? {
    let isContinued = !settings.continueFrom.isEmpty
    let path = isContinued ? settings.continueFrom : settings.startFrom
    guard start == nil, !path.isEmpty else { return start }
    let point = try StartingPoint(
      path, vocabulary: job.split.dataset.vocabulary, hasMask: model.maskItem != nil,
      isContinued: isContinued)
    if isContinued { try point.requireExtended(by: job.split.dataset) }
    start = try point.load(into: store, of: job, settings)
    state.earlierSteps = start?.steps ?? 0
    passport.startedFrom = try point.lineage()
    return start
  }

  /// Which sequences a run that goes on trains on; nil for all.
  ///
  /// - Throws: `SettingsError.doNotFit` where none has a new event.
  static func replay(_ settings: TrainingSettings, _ job: TrainingJob) throws -> Replay? {
    guard !settings.continueFrom.isEmpty else { return nil }
    let replay = Replay(
      job.task.examples, of: job.split.dataset, share: settings.replay,
      targetsFollow: settings.ranksItems && job.model.maskItem == nil)
    guard replay?.newCount != 0 else {
      let start = job.split.starts[.validation].map { " (\(TimeText.iso8601($0)))" } ?? ""
      throw SettingsError.doNotFit(
        "no new event of \(job.split.dataset.source.name) is for training: with --split-by time they must "
          + "lie before --validation-from\(start)")
    }
    return replay
  }
}
