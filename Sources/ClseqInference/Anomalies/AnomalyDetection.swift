public import ClseqBase
import ClseqData
public import ClseqOps
import ClseqRuns
import ClseqSettings
import Foundation

/// What is usual to a run: the scores and the facts of its own training sequences, cut as those that are to be scored.
///
/// The score of a sequence is the mean negative log-likelihood of its events but for the first, or the distance of its
/// vector, see ``AnomalyRequest``. An event of an item that the model does not know counts as one of the rarest item of
/// training: −log(c / n) nats with the count c of that item and the number n of training events.
public struct AnomalyDetection: Sendable {
  /// What is scored, and how.
  public let request: AnomalyRequest
  /// Sequences with a larger score are flagged: the quantile of the scores of training sequences.
  public let threshold: Double
  /// Training sequences with a score.
  public let trainingCount: Int
  /// What is usual of facts.
  public let bounds: BehaviourBounds
  private let unknownNats: Double
  private let distribution: VectorDistribution?

  /// Scores the run's own training sequences.
  ///
  /// - Parameters:
  ///   - run: The run, whose own log is read again.
  ///   - request: What is scored, and how.
  ///   - progress: Receives the progress.
  ///   - backend: The backend of the device.
  /// - Throws: As ``AnomalyRequest/requireScores(of:)``; `DataError` where the run's own log cannot be read or is another
  ///   one now, has no such sequences, or scores are not finite; as ``TrainedModel/init(_:dataset:moment:on:)``.
  public init(
    of run: TrainedRun, _ request: AnomalyRequest, progress: ProgressHandler? = nil,
    on backend: Backend
  ) throws {
    try request.requireScores(of: run)
    let training = try run.trainingEvents(progress: progress)
    try request.subject.require(of: run, in: training)
    let model = try TrainedModel(run, dataset: training, on: backend)
    let counts = try run.itemCounts()
    let rarest = counts.filter { $0 > 0 }.min() ?? 1
    unknownNats = -log(Double(rarest) / Double(max(1, counts.reduce(0, +))))
    let events = ScoredEvents(training: training)
    distribution =
      request.measure == .distance
      ? try Self.distribution(of: events, by: model, request, progress) : nil
    let scorer = SequenceScorer(
      request: request, model: model, events: events, unknownNats: unknownNats,
      distribution: distribution)
    var (scores, facts) = ([Double](), [BehaviourFacts]())
    try scorer.forEach(progress: progress) { sequence in
      if let score = sequence.score { scores.append(score) }
      facts.append(training.facts(of: sequence.stretch.events))
    }
    guard let threshold = Quantile.value(of: scores, at: request.quantile) else {
      throw DataError.unfit(
        path: training.source.name, what: "no training sequence of the run can be scored",
        expected: "shorter windows (--window), or longer sequences")
    }
    (self.request, self.threshold, trainingCount) = (request, threshold, scores.count)
    bounds = BehaviourBounds(facts, quantile: request.quantile)
  }

  private static func distribution(
    of events: ScoredEvents, by model: TrainedModel, _ request: AnomalyRequest,
    _ progress: ProgressHandler?
  ) throws -> VectorDistribution {
    var distribution = VectorDistribution(width: model.vectorWidth)
    try model.vectors(
      of: events.stretches(request.subject),
      reducedTo: request.reduction ?? .ofAllEvents(of: model.run),
      progress: progress
    ) { distribution.add($0.values) }
    guard distribution.finish() else {
      throw DataError.unfit(
        path: model.run.layout.path,
        what: "the vectors of its training sequences do not differ, or are not finite",
        expected: "at least two sequences, and a run whose training did not diverge")
    }
    return distribution
  }

  /// How the sequences of a log are scored.
  func scorer(_ model: TrainedModel, _ events: ScoredEvents) -> SequenceScorer {
    SequenceScorer(
      request: request, model: model, events: events, unknownNats: unknownNats,
      distribution: distribution)
  }
}

extension TrainedRun {
  /// The training events of the run's own log, under its items.
  ///
  /// - Throws: `DataError.unfit` for a log that is another one now.
  fileprivate func trainingEvents(progress: ProgressHandler?) throws -> SequenceDataset {
    var own = try layout.settings()
    (own.sessionGap, own.sessionColumn) = (settings.sessionGap, settings.sessionColumn)
    let dataset = try own.loadDataset(progress: progress)
    guard try layout.passport().dataHash == dataset.source.hash else {
      throw DataError.unfit(
        path: dataset.source.name,
        what: "it is no longer the log that \(layout.path) was trained on",
        expected: "that log, whose training part gives the threshold")
    }
    let split = try own.taskSplit(dataset)
    // Users come one after another.
    var user = -1
    let training = split.dataset.keeping { _ in
      user += 1
      return split.training(of: user).indices
    }
    guard let training else {
      throw DataError.unfit(
        path: dataset.source.name, what: "no event is in the training part",
        expected: "another split")
    }
    return training
  }
}
