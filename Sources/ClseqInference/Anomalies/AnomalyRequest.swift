import ClseqData
import ClseqModels
import ClseqSettings

/// Which sequences of events are scored by how unusual they are, and how.
public struct AnomalyRequest: Sendable, Equatable {
  /// How unusual a sequence is.
  public enum Measure: String, Sendable, CaseIterable {
    /// How unlikely its events are: see ``Aggregate``.
    case likelihood
    /// How far its vector is from those of the training sequences: see ``VectorDistribution``.
    case distance
  }

  /// How the negative log-likelihoods of events, in nats, become the score of a sequence.
  public enum Aggregate: String, Sendable, CaseIterable {
    /// Their mean.
    case mean
    /// The largest mean of ``AnomalyRequest/span`` events one after another.
    case max
    /// How much better a stretch of events is explained without the events before it, as where an account passes to
    /// someone else: the largest sum, over up to ``AnomalyRequest/span`` events one after another, of an event's negative
    /// log-likelihood given all events before it minus that given those of the stretch alone. It is the logarithm of a
    /// likelihood ratio; source: Basseville and Nikiforov, Detection of Abrupt Changes (1993), the generalized likelihood
    /// ratio. A stretch begins with every five events, after five at least, and has eight at least; its first
    /// four, of which it tells too little alone, do not count.
    case change

    /// Events of a stretch where nothing else is said.
    public var usualSpan: Int { self == .change ? 20 : 10 }
    /// The minimum number of events before a change.
    static let leastBefore = 5
    /// The minimum number of events after a change.
    static let leastAfter = 8
    /// Events from the start of a stretch to that of the next, with ``change``.
    static let stride = 5
    /// Events of a stretch that do not count, with ``change``, as the stretch alone tells little of them.
    static let firstLeftOut = 4
  }

  /// The minimum ``span`` with ``Aggregate/change``.
  public static let leastChangeSpan = Aggregate.leastAfter
  /// The bounds of ``quantile``.
  public static let quantiles = 0.5...1

  /// What is scored.
  public var subject: VectorRequest.Subject
  /// How unusual it is.
  public var measure: Measure
  /// How events become a score, by likelihood.
  public var aggregate = Aggregate.mean
  /// Events of a stretch, with ``Aggregate/max`` and ``Aggregate/change``; a shorter sequence has the mean of its own.
  public var span = 10
  /// How states become a vector, by distance; nil for ``VectorRequest/Reduction/ofAllEvents(of:)``.
  public var reduction: VectorRequest.Reduction?
  /// The share of training sequences that are not above the threshold.
  public var quantile = 0.99
  /// The maximum number of events of a sequence that are named.
  public var eventCount = 3

  /// A request.
  public init(_ subject: VectorRequest.Subject = .users, by measure: Measure = .likelihood) {
    (self.subject, self.measure) = (subject, measure)
  }

  /// The measure of a run where nothing else is said: the likelihood if it gives one.
  public static func usualMeasure(of run: TrainedRun) -> Measure {
    givesLikelihoods(run) ? .likelihood : .distance
  }

  private static func givesLikelihoods(_ run: TrainedRun) -> Bool {
    run.ranksItems && run.settings.model.kind?.answersEachEvent == true
      && run.settings.model.kind?.needsCandidate == false
  }

  /// Checks that a run gives such scores.
  ///
  /// - Throws: `SettingsError.doNotFit`.
  public func requireScores(of run: TrainedRun) throws(SettingsError) {
    let name = run.settings.model.rawValue
    guard let kind = run.settings.model.kind else {
      throw .doNotFit(
        "\(run.layout.path) is the baseline \(name), which has no likelihoods and no vectors: scores come from a model "
          + "that is trained")
    }
    guard !kind.needsCandidate else {
      throw .doNotFit(
        "\(name) weighs a history by a candidate, so that a sequence has no likelihood and no vector: use a run of "
          + "another model, such as transformer")
    }
    switch measure {
    case .likelihood:
      guard Self.givesLikelihoods(run) else {
        let reason =
          run.ranksItems
          ? "\(name) does not predict every event from those before it"
          : "\(run.layout.path) was not trained to rank next items"
        throw .doNotFit("\(reason), so that events have no likelihood: add --score distance")
      }
    case .distance:
      let reduction = reduction ?? .ofAllEvents(of: run)
      guard (reduction == .code) == kind.compresses else {
        throw .doNotFit(
          "\(name) \(kind.compresses ? "has one vector, its code" : "has no codes"): leave out --vector"
        )
      }
      guard reduction != .mean || !kind.writes else {
        throw .doNotFit(
          "\(name) has states of the events that it writes alone: add --vector last")
      }
    }
    precondition(
      span >= (aggregate == .change ? Self.leastChangeSpan : 1) && eventCount >= 0
        && Self.quantiles.contains(quantile),
      "AnomalyRequest: \(self)")
  }
}
