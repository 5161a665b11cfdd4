public import ClseqData

/// How the item of a next event is chosen.
public enum Decoding: Equatable, Sendable {
  /// The likeliest item of each step.
  case greedy
  /// The sequence with the largest product of probabilities that a search finds which keeps the best so many
  /// sequences after each step.
  ///
  /// Source: Lowerre, "The HARPY speech recognition system" (1976). All sequences of a user are equally
  /// long, so that a penalty by length would change nothing.
  case beam(width: Int)
  /// An item at random.
  case sampling(SamplingRule)
}

/// From which items one is drawn, and how.
public struct SamplingRule: Equatable, Sendable {
  /// Divides the scores, above 0: below 1 likely items become likelier, above 1 less likely.
  public var temperature = 1.0
  /// How many of the likeliest items remain; nil for all.
  ///
  /// Source: Fan et al., "Hierarchical neural story generation" (ACL 2018).
  public var topCount: Int?
  /// After that, the share of the probability that remains with the likeliest items, as few as reach it; 1
  /// for all.
  ///
  /// Source: Holtzman et al., "The curious case of neural text degeneration" (ICLR 2020).
  public var topShare = 1.0
  /// The seed of the draws.
  public var seed: UInt64

  /// Draws from all items by their probabilities.
  public init(seed: UInt64) { self.seed = seed }
}

/// Which next events of each user are generated.
public struct GenerationRequest: Equatable, Sendable {
  /// Events for each user, at least 1.
  public var stepCount: Int
  /// How their items are chosen.
  public var decoding = Decoding.greedy
  /// The only items that may be generated, 1…V; nil for all.
  public var allowed: Set<Int32>?
  /// Items that may not.
  public var denied: Set<Int32> = []
  /// Whether items of a user's history, and those that were generated, are candidates; nil for the rule of the
  /// run.
  public var seen: SeenRule?

  /// The likeliest items of those that the run's own evaluation ranks.
  ///
  /// - Parameter stepCount: Events for each user, at least 1.
  public init(stepCount: Int) {
    precondition(stepCount >= 1, "GenerationRequest: \(stepCount) steps")
    self.stepCount = stepCount
  }

  /// The candidates.
  var candidates: RankingRequest {
    var request = RankingRequest()
    (request.allowed, request.denied, request.seen) = (allowed, denied, seen)
    return request
  }

  /// Sequences of a user between two steps.
  var beamWidth: Int {
    if case .beam(let width) = decoding { width } else { 1 }
  }
}

/// An event that a model says will follow.
public struct GeneratedEvent: Equatable, Sendable {
  /// The item, 1…V.
  public let item: Int32
  /// The probability of the item after the events before it, among the items that could be chosen: of a draw,
  /// after temperature, top count and top share.
  public let probability: Double
  /// The likeliest type of the event after the events before it, whatever its item; nil of a model that predicts none.
  public var type: String?
}

/// The next events of a user.
public struct GeneratedSequence: Equatable, Sendable {
  /// The user, from 0 in the dataset.
  public let user: Int
  /// The place in the dataset of the last event of the history.
  public let place: Int
  /// The events, the next one first; fewer than requested where no item is left.
  public let events: [GeneratedEvent]
}
