import Clseq
import Foundation

extension ProgressReport {
  /// On standard error, as the settings ask.
  convenience init(_ settings: TrainingSettings) {
    self.init(
      style: Console.progressStyle(settings),
      write: { text in
        KernelWait.end()
        ProgressReport.standardError(text)
      })
  }
}

extension TrainingSettings {
  /// Reads the log or maps the dataset, with its progress; -v tells what it holds.
  ///
  /// - Throws: As `loadDataset()`.
  func readDataset() throws -> SequenceDataset {
    try tellingTime { try loadDataset(progress: $0) }
  }

  /// Reads a log for a run's model, and tells from when predictions look ahead and what is not taken as
  /// it stands.
  func readDataset(for run: TrainedRun, _ question: QuestionOptions) throws -> NewData {
    let progress = ProgressReport(self)
    let data = try run.loadDataset(
      at: question.moment?.microseconds, allowsMissingColumns: question.allowMissingColumns,
      progress: progress.handler)
    progress.end()
    for note in data.notes { Console.warn(note, self) }
    if let moment = data.moment {
      let whose = question.moment == nil ? " (the end of the run's own log)" : ""
      Console.note("predicting from \(TimeText.iso8601(moment)) on\(whose)", self)
    }
    return data
  }

  private func tellingTime(
    _ load: (@escaping ProgressHandler) throws -> SequenceDataset
  ) rethrows -> SequenceDataset {
    let progress = ProgressReport(self)
    let start = ContinuousClock.now
    let dataset = try load(progress.handler)
    progress.end()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    Console.detail(
      "\(dataset.source.name): \(dataset.userCount) users, \(dataset.itemCount) items, "
        + "\(dataset.eventCount) events, in \(ProgressReport.fixed(seconds, digits: 2)) s", self)
    return dataset
  }
}
