public import ClseqBase
public import ClseqData
import ClseqRuns

/// The most unusual sequences of a log, and how well the scores tell labelled ones apart.
public struct AnomalyReport: Encodable, Sendable {
  /// A sequence.
  public struct Entry: Encodable, Sendable {
    /// The user, `USER:SESSION` or `USER:FIRST-LAST`.
    public let id: String
    /// The user.
    public let user: String
    /// The session, or the first and the last event of a window, from 1; see ``VectorRequest/Subject/numberNames``.
    public let numbers: [Int]
    /// Larger is more unusual; nil where nothing can be scored.
    public let score: Double?
    /// Whether the score is above the threshold.
    public let isFlagged: Bool
    /// Events of items that the model does not know.
    public let unknownEvents: Int
    /// The ways in which it stands out by its facts.
    public let patterns: [BehaviourPattern]
    /// Facts of its events.
    public let facts: BehaviourFacts
    /// The number of the first event that the score comes from, from 1 among those of the user; nil where nothing can be
    /// scored, and by distance.
    public let from: Int?
    /// The last of them.
    public let to: Int?
    /// The events that the score comes from, those with the largest share first.
    public let unusual: [Event]

    private enum CodingKeys: String, CodingKey {
      case id, user, score, patterns, facts, from, to, unusual
      case isFlagged = "flagged"
      case unknownEvents = "unknown_events"
    }
  }

  /// An event.
  public struct Event: Encodable, Sendable {
    /// Its number among the user's events, from 1.
    public let number: Int
    /// The item's id; nil where the log does not tell items apart.
    public let item: String?
    /// What the item is called, where that is known.
    public let title: String?
    /// When it happened, in ISO 8601; nil without times.
    public let time: String?
    /// Its negative log-likelihood, in nats; of ``AnomalyRequest/Aggregate/change`` its part of the score.
    public let surprise: Double
  }

  /// What is scored: `users`, `sessions` or `windows`.
  public let of: String
  /// How: `likelihood` or `distance`.
  public let measure: String
  /// How events become a score; nil by distance.
  public let aggregate: String?
  /// The quantile of training scores that is the threshold.
  public let quantile: Double
  /// Larger scores are flagged.
  public let threshold: Double
  /// Training sequences with a score.
  public let trainingSequences: Int
  /// What is usual of facts.
  public let bounds: BehaviourBounds
  /// Sequences of the log.
  public let sequences: Int
  /// Those whose score is above the threshold.
  public let flagged: Int
  /// Those of which nothing can be scored.
  public let unscored: Int
  /// Events of items that the model does not know.
  public let unknownEvents: Int
  /// The sequences with the largest scores, the largest first.
  public let mostUnusual: [Entry]
  /// How well labelled sequences are told apart; nil without labels.
  public let check: AnomalyCheck?

  private enum CodingKeys: String, CodingKey {
    case of, measure, aggregate, quantile, threshold, bounds, sequences, flagged, unscored, check
    case trainingSequences = "training_sequences"
    case unknownEvents = "unknown_events"
    case mostUnusual = "most_unusual"
  }

  /// Scores the sequences of a log.
  ///
  /// - Parameters:
  ///   - model: The run, opened for the log.
  ///   - data: The log, read with ``TrainedRun/loadDataset(at:omittingLast:allowsMissingColumns:withTruth:keepsUnknown:progress:)``
  ///     so that unknown items are kept.
  ///   - detection: What is usual to the run.
  ///   - top: The maximum number of ``mostUnusual``.
  ///   - labels: Which sequences are ordinary; nil where that is not known.
  ///   - seed: Of the random orders of ``AnomalyCheck``.
  ///   - titles: The titles of items; nil for none.
  ///   - progress: Receives the progress.
  ///   - body: Takes every sequence, in the order of the log.
  /// - Throws: What `body` throws; `DataError.unfit` where the log has no such sequences, no two kinds of labels, or a score
  ///   is not finite; `OpenCLError`.
  public init(
    of model: TrainedModel, _ data: NewData, _ detection: AnomalyDetection, top: Int,
    labels: SequenceLabels? = nil, seed: UInt64, titles: ItemTitles? = nil,
    progress: ProgressHandler? = nil, _ body: (Entry) throws -> Void
  ) throws {
    let request = detection.request
    let log = AnomalyLog(data, model.run, request)
    try log.requireSequences()
    var cases = try labels.map { try LabelledSequences($0, of: log) }
    let scorer = detection.scorer(model, log.events)
    var (count, flagged, unscored, unknown) = (0, 0, 0, 0)
    var best: [Entry] = []
    try scorer.forEach(progress: progress) { sequence in
      let entry = log.entry(sequence, detection, titles)
      count += 1
      flagged += entry.isFlagged ? 1 : 0
      unscored += entry.score == nil ? 1 : 0
      unknown += entry.unknownEvents
      cases?.add(entry)
      if let score = entry.score, top > 0, best.count < top || score > best[top - 1].score ?? 0 {
        let place = best.firstIndex { $0.score ?? 0 < score } ?? best.count
        best.insert(entry, at: place)
        if best.count > top { best.removeLast() }
      }
      try body(entry)
    }
    check = try cases.map { cases in
      let shuffled = try log.shuffledScores(model, detection, seed: seed, progress: progress)
      return AnomalyCheck(cases, shuffled: shuffled)
    }
    (of, measure) = (request.subject.name, request.measure.rawValue)
    aggregate = request.measure == .likelihood ? request.aggregate.rawValue : nil
    (quantile, threshold) = (request.quantile, detection.threshold)
    (trainingSequences, bounds) = (detection.trainingCount, detection.bounds)
    (sequences, self.flagged, self.unscored, unknownEvents) = (count, flagged, unscored, unknown)
    mostUnusual = best
  }
}
