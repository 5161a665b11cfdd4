public import ClseqBase
public import ClseqData
public import ClseqOps
import ClseqRuns
import ClseqSettings

/// Says what comes next for the users, or of the events, of a dataset.
public protocol RowPredictor {
  /// Hands on one row after another, in the order of the dataset.
  ///
  /// - Throws: What `body` throws; `DataError.unfit` where the request leaves no item; `OpenCLError`.
  func predict(
    _ request: RankingRequest, progress: ProgressHandler?, _ body: (PredictedRow) throws -> Void
  ) throws
}

extension TrainedModel: RowPredictor {}

/// The baseline of a run: fitted anew to the run's own log, which must be as it was.
public struct BaselineModel: RowPredictor {
  private let run: TrainedRun
  private let dataset: SequenceDataset
  private let top: BaselineTop

  /// - Parameters:
  ///   - run: The run.
  ///   - dataset: The users to predict for, under the run's vocabulary.
  ///   - progress: Receives the progress of reading the run's log.
  /// - Throws: `DataError.unfit` where the run's log has changed, and what reading it can throw.
  public init(
    _ run: TrainedRun, dataset: SequenceDataset, progress: ProgressHandler? = nil
  ) throws {
    guard case .baseline(let baseline) = run.settings.model else {
      preconditionFailure("BaselineModel: \(run.settings.model.rawValue) is no baseline")
    }
    var settings = try run.layout.settings()
    settings.cache = run.settings.cache
    let own = try settings.loadDataset(progress: progress)
    try run.layout.requireBuiltInLog(own, settings)
    let split = try settings.split(own)
    var passport = Passport(settings, split: split, backend: .reference())
    let saved = try run.layout.passport()
    // The rule for candidates does not change the counts.
    passport.seen = saved.seen
    do { try passport.requireComparable(to: saved) } catch {
      throw DataError.unfit(
        path: own.source.name,
        what: "it is not as it was when \(run.layout.path) counted it (\(error))",
        expected: "the same log, or a run trained on this one")
    }
    guard split.dataset.vocabulary == run.vocabulary else {
      throw DataError.damaged(
        path: run.layout.vocabularyPath, reason: "it has other items than the run's log")
    }
    self.run = run
    self.dataset = dataset
    top = BaselineTop(baseline.fitted(to: split))
  }

  /// The items that the baseline ranks first after each user's last event.
  public func predict(
    _ request: RankingRequest = RankingRequest(), progress: ProgressHandler? = nil,
    _ body: (PredictedRow) throws -> Void
  ) throws {
    let itemCount = run.vocabulary.count
    let isCandidate = (0...itemCount).map { item in
      item > 0 && (request.allowed?.contains(Int32(item)) ?? true)
        && !request.denied.contains(Int32(item))
    }
    guard isCandidate.contains(true) else {
      throw DataError.unfit(
        path: "items to choose from", what: "none is left", expected: "an item that is allowed")
    }
    for user in 0..<dataset.userCount {
      let history = Array(dataset[user])
      let seen = (request.seen ?? run.seen) == .exclude ? Set(history) : []
      let best = top.items(request.count, after: history) { item in
        item <= itemCount && isCandidate[Int(item)] && !seen.contains(item)
      }
      try body(
        PredictedRow(
          user: user, place: Int(dataset.offsets[user + 1]) - 1,
          items: best.map { RankedItem(item: $0.item, score: Float($0.score)) }, heads: []))
      if user & 1023 == 1023 || user + 1 == dataset.userCount {
        progress?(TaskProgress("predicting", done: user + 1, of: dataset.userCount))
      }
    }
  }
}

extension TrainedRun {
  /// What says what comes next for a dataset: the run's model, or its baseline.
  ///
  /// - Parameters:
  ///   - data: As ``loadDataset(at:omittingLast:allowsMissingColumns:withTruth:keepsUnknown:progress:)`` gives it.
  ///   - backend: Opened only for a model.
  ///   - progress: Receives the progress of reading the log of a baseline's run.
  /// - Throws: As ``TrainedModel/init(_:dataset:moment:on:)`` and
  ///   ``BaselineModel/init(_:dataset:progress:)``.
  public func predictor(
    for data: NewData, progress: ProgressHandler? = nil, on backend: () throws -> Backend
  ) throws -> any RowPredictor {
    try predictor(for: data.dataset, at: data.moment, progress: progress, on: backend)
  }

  func predictor(
    for dataset: SequenceDataset, at moment: Int64? = nil, progress: ProgressHandler? = nil,
    on backend: () throws -> Backend
  ) throws -> any RowPredictor {
    switch settings.model {
    case .baseline: try BaselineModel(self, dataset: dataset, progress: progress)
    case .network: try TrainedModel(self, dataset: dataset, moment: moment, on: try backend())
    }
  }
}
