import ClseqBase
import Foundation

/// Draws the negatives that all events of a training batch share: distinct items, without regard to
/// the batch's own.
///
/// A draw follows from seed, epoch and step alone. The loss must take an event's own target out of
/// its negatives, as `sampledLoss` does.
public struct SharedNegatives: Sendable {
  /// K, the items of a draw.
  public let count: Int
  private let distribution: ItemDistribution
  private let seed: UInt64
  /// Logarithm of each item's expected count, item 1 first; empty where all are the same.
  private let logCounts: [Float]

  /// - Parameters:
  ///   - count: K, from 1 to the number of items.
  ///   - distribution: how likely an item is to be drawn next, among those that are left.
  ///   - seed: the seed of the run.
  public init(count: Int, from distribution: ItemDistribution, seed: UInt64) {
    precondition(
      count >= 1 && count <= distribution.itemCount,
      "SharedNegatives: \(count) of \(distribution.itemCount) items")
    self.count = count
    self.distribution = distribution
    self.seed = seed
    logCounts = distribution.probabilities.map { Self.logCounts(of: $0, count: count) } ?? []
  }

  /// The items of one batch, ascending and distinct: `[K]`.
  ///
  /// - Parameters:
  ///   - epoch: from 0.
  ///   - step: the batch of the epoch, from 0.
  public func items(epoch: Int, step: Int) -> [Int32] {
    let random = CounterRandom(seed: seed, Self.purpose, UInt64(epoch), UInt64(step))
    return distribution.probabilities == nil ? uniformItems(random) : likelyItems(random)
  }

  /// Logarithms of how often a draw is expected to hold these items, for a sampled softmax.
  ///
  /// Uniform: K / V. Else `1 − (1 − q)ᵀ` for an item of probability q, with T tries such that these
  /// sum to K: the chance that T independent draws meet the item. It is TensorFlow's formula for
  /// unique samplers, with the expected number of tries in place of that of each batch; it is some 2 %
  /// off where a third of a few unlike items is drawn, and nearer the smaller the part.
  ///
  /// - Parameter items: 1…V.
  public func logExpectedCounts(of items: some Collection<Int32>) -> [Float] {
    guard !logCounts.isEmpty else {
      let same = Float(log(Double(count) / Double(distribution.itemCount)))
      return [Float](repeating: same, count: items.count)
    }
    return items.map { logCounts[Int($0) - 1] }
  }

  /// Floyd's algorithm (Bentley and Floyd, A sample of brilliance, CACM 1987): K draws, whatever K.
  private func uniformItems(_ random: CounterRandom) -> [Int32] {
    var isDrawn = [Bool](repeating: false, count: distribution.itemCount)
    var items: [Int32] = []
    items.reserveCapacity(count)
    for last in distribution.itemCount - count..<distribution.itemCount {
      let drawn = random.integer(below: last + 1, UInt64(last))
      let item = isDrawn[drawn] ? last : drawn
      isDrawn[item] = true
      items.append(Int32(item + 1))
    }
    return items.sorted()
  }

  /// Draws until K different items were met.
  private func likelyItems(_ random: CounterRandom) -> [Int32] {
    if count == distribution.itemCount { return Array(1...Int32(count)) }
    var isDrawn = [Bool](repeating: false, count: distribution.itemCount)
    var items: [Int32] = []
    items.reserveCapacity(count)
    var counter: UInt64 = 0
    while items.count < count {
      let item = distribution.draw(random, counter)
      counter += 1
      if isDrawn[Int(item) - 1] { continue }
      isDrawn[Int(item) - 1] = true
      items.append(item)
    }
    return items.sorted()
  }

  /// Newton's method from T = K. The sum of the chances grows ever slower with T, so each step stays
  /// below the root and comes closer.
  private static func logCounts(of probabilities: [Double], count: Int) -> [Float] {
    if count == probabilities.count { return [Float](repeating: 0, count: count) }
    let rates = probabilities.map { log1p(-$0) }  // of missing the item, by try
    var tries = Double(count)
    for _ in 0..<200 {
      var missing = Double(count)
      var slope = 0.0
      for rate in rates {
        let missed = exp(tries * rate)
        missing -= 1 - missed
        slope -= rate * missed
      }
      let step = missing / slope
      tries += step
      if step < 1e-9 * tries { break }
    }
    return rates.map { Float(log(-expm1(tries * $0))) }
  }

  /// Names the stream of random numbers ("shared" in ASCII).
  private static let purpose: UInt64 = 0x7368_6172_6564
}
