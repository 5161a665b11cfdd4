import ClseqBase

/// Draws the negatives of sampled ranking, in which older papers rank a target among a few items
/// instead of the whole catalogue.
///
/// Such figures are for comparison with those papers only: they are far above those of the full
/// ranking, and may order two systems the other way round (Krichene and Rendle, On sampled metrics
/// for item recommendation, KDD 2020). The draw is uniform and without repetition among items that
/// the user has not seen, as in SASRec (Kang and McAuley, 2018).
///
/// A user's negatives are a function of the seed and the user alone, so every system gets the same
/// negatives.
public struct NegativeSampler: Sendable, Equatable, CustomStringConvertible {
  /// How many negatives a target is ranked among; all of a catalogue that has fewer.
  public let count: Int
  /// The seed of the draws.
  public let seed: UInt64

  /// - Parameters:
  ///   - count: At least 1.
  ///   - seed: The seed.
  public init(count: Int = 100, seed: UInt64) {
    precondition(count >= 1, "\(count) negatives: at least 1")
    self.count = count
    self.seed = seed
  }

  /// A description of the protocol, such as `100 sampled, uniform, seed 1`.
  public var description: String { "\(count) sampled, uniform, seed \(seed)" }

  /// The distinct items that a user's target is ranked among.
  ///
  /// - Parameters:
  ///   - user: The index of the user, at least 0.
  ///   - target: The item that must not be drawn.
  ///   - seen: Items that must not be drawn either.
  ///   - itemCount: V, at least 1; items are 1…V.
  public func negatives(
    of user: Int, target: Int, seen: some Sequence<some BinaryInteger>, itemCount: Int
  ) -> [Int] {
    let catalogue = 1...itemCount
    var excluded = Set(seen.lazy.map { Int($0) }.filter(catalogue.contains))
    if catalogue.contains(target) { excluded.insert(target) }
    guard catalogue.count - excluded.count > count else {
      return catalogue.filter { !excluded.contains($0) }
    }
    let random = CounterRandom(seed: seed, Self.purpose, UInt64(user))
    var negatives: [Int] = []
    var counter: UInt64 = 0
    while negatives.count < count {
      let item = 1 + random.integer(below: itemCount, counter)
      counter += 1
      if excluded.insert(item).inserted { negatives.append(item) }
    }
    return negatives
  }

  /// The rank of a user's target among its negatives, from 1. A negative with the score of the
  /// target counts against the target, and so does a score that is not a number.
  ///
  /// - Parameters:
  ///   - user: The index of the user, at least 0.
  ///   - target: The item to rank.
  ///   - seen: Items that are not ranked.
  ///   - itemCount: V, at least 1; items are 1…V.
  ///   - score: The system's score of an item, higher is better.
  public func rank(
    of user: Int, target: Int, seen: some Sequence<some BinaryInteger>, itemCount: Int,
    score: (_ item: Int) -> Double
  ) -> Int {
    let threshold = score(target)
    return 1
      + negatives(of: user, target: target, seen: seen, itemCount: itemCount)
      .count { !(score($0) < threshold) }
  }

  /// The name of the stream of random numbers.
  private static let purpose: UInt64 = 0x6E65_6761_7469_7665
}
