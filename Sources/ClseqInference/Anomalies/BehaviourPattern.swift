import ClseqData

/// Facts of a sequence that tell programs and stubborn repeaters from other users, exact and without a model.
public struct BehaviourFacts: Sendable, Equatable, Encodable {
  /// From how many events on repeats and cycles are compared with those of training.
  public static let leastEvents = 10
  /// From how many events on times are.
  public static let leastTimes = 20
  /// The largest period of a cycle.
  public static let longestPeriod = 20

  /// Events.
  public let events: Int
  /// The share of events whose item came before in the sequence.
  public let repeatedItems: Double
  /// The share of pairs of events one after the other whose two items stood so before in the sequence.
  public let repeatedTransitions: Double
  /// The share of events in the longest stretch whose items come again and again with a fixed period of at most
  /// ``longestPeriod`` events, three times at least; 0 without one.
  public let cyclic: Double
  /// The median time between events, in seconds; nil without times.
  public let medianGap: Double?
  /// The coefficient of variation of the times between events, standard deviation by mean, without the longest tenth of
  /// them, which are the pauses between visits; nil without times and where all are zero.
  public let gapVariation: Double?

  private enum CodingKeys: String, CodingKey {
    case events, cyclic
    case repeatedItems = "repeated_items"
    case repeatedTransitions = "repeated_transitions"
    case medianGap = "median_gap"
    case gapVariation = "gap_variation"
  }

  /// The facts of a sequence.
  ///
  /// - Parameters:
  ///   - items: The items in the order of time.
  ///   - times: As many times in microseconds, ascending; nil if they are not known.
  public init(items: [Int32], times: [Int64]? = nil) {
    events = items.count
    let pairs = zip(items, items.dropFirst()).map { Int64($0) << 32 | Int64($1) }
    func repeated<Value: Hashable>(_ values: [Value]) -> Double {
      values.isEmpty ? 0 : 1 - Double(Set(values).count) / Double(values.count)
    }
    (repeatedItems, repeatedTransitions) = (repeated(items), repeated(pairs))
    cyclic = items.isEmpty ? 0 : Double(Self.longestCycle(items)) / Double(items.count)
    let gaps = times.map { zip($0, $0.dropFirst()).map { Double($1 - $0) / 1e6 }.sorted() } ?? []
    medianGap =
      gaps.isEmpty ? nil : (gaps[(gaps.count - 1) / 2] + gaps[gaps.count / 2]) / 2
    let short = gaps.dropLast(gaps.count / 10)
    let mean = short.reduce(0, +) / Double(max(1, short.count))
    let variance =
      short.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, short.count))
    gapVariation = mean > 0 ? variance.squareRoot() / mean : nil
  }

  /// The number of events of the longest stretch with a fixed period.
  private static func longestCycle(_ items: [Int32]) -> Int {
    var longest = 0
    for period in 1...longestPeriod where 3 * period <= items.count {
      var run = 0
      for place in period..<items.count {
        run = items[place] == items[place - period] ? run + 1 : 0
        if run >= 2 * period { longest = max(longest, run + period) }
      }
    }
    return longest
  }
}

/// A way in which a sequence stands out by its facts.
public enum BehaviourPattern: String, Sendable, CaseIterable, Encodable {
  /// More repeated items than almost every training sequence.
  case repeats
  /// A longer cycle, of at least half of the events.
  case cycle
  /// More regular times.
  case regular
  /// Less time between events.
  case fast
}

/// The facts of training sequences beyond which a sequence stands out.
public struct BehaviourBounds: Sendable, Encodable {
  /// Training sequences of at least ``BehaviourFacts/leastEvents`` events.
  public let sequences: Int
  /// The largest usual share of repeated items; nil without such sequences.
  public let repeatedItems: Double?
  /// The largest usual share of a cycle.
  public let cyclic: Double?
  /// The smallest usual variation of times; nil also without times.
  public let gapVariation: Double?
  /// The smallest usual median time between events, in seconds.
  public let medianGap: Double?

  private enum CodingKeys: String, CodingKey {
    case sequences, cyclic
    case repeatedItems = "repeated_items"
    case gapVariation = "gap_variation"
    case medianGap = "median_gap"
  }

  /// - Parameters:
  ///   - facts: Those of training sequences.
  ///   - quantile: The share of them that is within a bound.
  public init(_ facts: [BehaviourFacts], quantile: Double) {
    let timed = facts.filter { $0.events >= BehaviourFacts.leastTimes }
    let facts = facts.filter { $0.events >= BehaviourFacts.leastEvents }
    func high(_ fact: (BehaviourFacts) -> Double) -> Double? {
      Quantile.value(of: facts.map(fact), at: quantile)
    }
    func low(_ fact: (BehaviourFacts) -> Double?) -> Double? {
      Quantile.value(of: timed.compactMap(fact).map { -$0 }, at: quantile).map { -$0 }
    }
    sequences = facts.count
    (repeatedItems, cyclic) = (high(\.repeatedItems), high(\.cyclic))
    (gapVariation, medianGap) = (low(\.gapVariation), low(\.medianGap))
  }

  /// The patterns of a sequence; none of a short one.
  public func patterns(of facts: BehaviourFacts) -> [BehaviourPattern] {
    guard facts.events >= BehaviourFacts.leastEvents else { return [] }
    let isTimed = facts.events >= BehaviourFacts.leastTimes
    func isBelow(_ fact: Double?, _ bound: Double?) -> Bool {
      fact.flatMap { fact in bound.map { fact < $0 } } ?? false
    }
    return BehaviourPattern.allCases.filter { pattern in
      switch pattern {
      case .repeats: isBelow(repeatedItems, facts.repeatedItems)
      case .cycle: facts.cyclic >= 0.5 && isBelow(cyclic, facts.cyclic)
      case .regular: isTimed && isBelow(facts.gapVariation, gapVariation)
      case .fast: isTimed && isBelow(facts.medianGap, medianGap)
      }
    }
  }
}

/// Quantiles by nearest rank.
enum Quantile {
  /// The smallest of some numbers that at least this share of them is not above; nil without numbers.
  static func value(of numbers: [Double], at share: Double) -> Double? {
    guard !numbers.isEmpty else { return nil }
    let rank = (share * Double(numbers.count)).rounded(.up)
    return numbers.sorted()[max(0, min(numbers.count, Int(rank)) - 1)]
  }
}
