import Clseq
import Foundation

extension ProgressReport {
  /// A report on standard error as the settings require.
  convenience init(_ settings: ResolvedSettings) {
    self.init(
      style: Console.progressStyle(settings),
      write: { text in
        KernelWait.end()
        ProgressReport.standardError(text)
      })
  }
}

extension ResolvedSettings {
  /// Other settings of a training, with the same options of the call.
  func with(_ training: TrainingSettings) -> ResolvedSettings {
    var settings = self
    settings.training = training
    return settings
  }

  /// Reads the log or maps the dataset, with its progress; -v reports its size.
  ///
  /// - Throws: As `loadDataset()`.
  func readDataset() throws -> SequenceDataset {
    try reportingTime { try training.loadDataset(progress: $0) }
  }

  /// The same, with columns that the log must have.
  func readDataset(needs: EventNeeds) throws -> SequenceDataset {
    try reportingTime { try training.loadDataset(needs: needs, progress: $0) }
  }

  /// Reads a log for a run's model, and reports the moment of prediction and values that are not
  /// taken as they are.
  func readDataset(
    for run: TrainedRun, _ question: QuestionOptions, withTruth: Bool = false,
    keepsUnknown: Bool = false
  ) throws -> NewData {
    let progress = ProgressReport(self)
    let data = try run.loadDataset(
      at: question.moment?.microseconds, omittingLast: question.omitLast,
      allowsMissingColumns: question.allowMissingColumns,
      withTruth: withTruth, keepsUnknown: keepsUnknown, progress: progress.handler)
    progress.end()
    try warnOfIdleReading()
    reportReading(of: data.dataset.source)
    for note in data.notes { Console.warn(note, self) }
    if let moment = data.moment {
      let whose = question.moment == nil ? " (the end of the run's own log)" : ""
      Console.note("predicting from \(TimeText.iso8601(moment)) on\(whose)", self)
    }
    return data
  }

  /// Reports how a log was read, the records left out, and doubtful values.
  func reportReading(of source: DataSource) {
    guard let reading = source.reading else {
      return Console.note(
        training.data.isEmpty
          ? "read the built-in log"
          : "read \(source.name), of which an earlier version wrote no more",
        self)
    }
    Console.note(reading.summary, self)
    if let line = reading.extensionLine { Console.note(line, self) }
    for line in reading.leftOutLines + reading.tableLines { Console.note(line, self) }
    for warning in reading.warnings { Console.warn("\(reading.name): \(warning)", self) }
  }

  private func reportingTime(
    _ load: (@escaping ProgressHandler) throws -> SequenceDataset
  ) throws -> SequenceDataset {
    let progress = ProgressReport(self)
    let start = ContinuousClock.now
    let dataset = try load(progress.handler)
    progress.end()
    try warnOfIdleReading()
    reportReading(of: dataset.source)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    Console.detail(
      "\(dataset.source.name): \(counted(dataset.userCount, "user")), "
        + "\(counted(dataset.itemCount, "item")), "
        + "\(counted(dataset.eventCount, "event")), in \(NumberText.fixed(seconds, digits: 2)) s",
      self)
    return dataset
  }

  /// Opens a run to be scored on a dataset, with its progress.
  ///
  /// - Throws: As `ScoredRun.init`.
  func scoredRun(
    _ layout: RunLayout, dataset: SequenceDataset, isOther: Bool = false,
    sampler: NegativeSampler? = nil
  ) throws -> ScoredRun {
    let progress = ProgressReport(self)
    return try ScoredRun(
      layout, training, dataset: dataset, isOther: isOther, sampler: sampler,
      progress: progress.handler, on: { try openBackendAndReport() })
  }
}
