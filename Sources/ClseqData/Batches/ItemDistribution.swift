import ClseqBase
import Foundation

/// How likely each item of a catalogue is to be drawn as a negative.
public struct ItemDistribution: Sendable {
  /// V; items are 1…V.
  public let itemCount: Int
  /// Probability of each item, item 1 first; nil where all are as likely.
  let probabilities: [Double]?
  /// Columns of Walker's table: the item's own share of its column, and the item that has the
  /// remainder.
  private let shares: [Double]
  private let others: [Int32]

  /// All items are as likely.
  ///
  /// - Parameter itemCount: V, at least 1.
  public static func uniform(itemCount: Int) -> ItemDistribution {
    precondition(itemCount >= 1, "ItemDistribution: \(itemCount) items")
    return ItemDistribution(itemCount: itemCount, probabilities: nil, shares: [], others: [])
  }

  /// Items are as likely as a power of their number of events.
  ///
  /// - Parameters:
  ///   - counts: events of each item in training, item 1 first; an item without any counts as one
  ///     with one, so that every item can be drawn.
  ///   - exponent: 1 for the popularity itself, 0.75 as in word2vec (Mikolov et al., NIPS 2013), 0
  ///     for all as likely.
  public static func popularity(_ counts: [Int], exponent: Double) -> ItemDistribution {
    precondition(!counts.isEmpty && exponent.isFinite, "ItemDistribution: \(counts.count) items")
    let weights = counts.map { pow(Double(max($0, 1)), exponent) }
    let sum = weights.reduce(0, +)
    let probabilities = weights.map { $0 / sum }
    let (shares, others) = aliases(probabilities)
    return ItemDistribution(
      itemCount: counts.count, probabilities: probabilities, shares: shares, others: others)
  }

  /// Probability that one draw gives this item.
  func probability(of item: Int32) -> Double {
    probabilities?[Int(item) - 1] ?? 1 / Double(itemCount)
  }

  /// One draw in constant time. Draws of different counters are independent.
  @inline(__always) func draw(_ random: CounterRandom, _ counter: UInt64) -> Int32 {
    guard probabilities != nil else {
      return Int32(1 + random.integer(below: itemCount, counter &* 2))
    }
    let column = random.integer(below: itemCount, counter &* 2)
    return random.uniform(counter &* 2 &+ 1) < shares[column] ? Int32(column + 1) : others[column]
  }

  /// Walker's table (1977) by Vose's algorithm (A linear algorithm for generating random numbers with
  /// a given distribution, IEEE Transactions on Software Engineering 1991).
  private static func aliases(_ probabilities: [Double]) -> (shares: [Double], others: [Int32]) {
    var scaled = probabilities.map { $0 * Double(probabilities.count) }
    var shares = [Double](repeating: 1, count: scaled.count)
    var others = scaled.indices.map { Int32($0 + 1) }
    var small = scaled.indices.filter { scaled[$0] < 1 }
    var large = scaled.indices.filter { scaled[$0] >= 1 }
    // What rounding leaves over at the end keeps a whole column of its own.
    while let low = small.popLast(), let high = large.last {
      shares[low] = scaled[low]
      others[low] = Int32(high + 1)
      scaled[high] -= 1 - scaled[low]
      if scaled[high] < 1 {
        large.removeLast()
        small.append(high)
      }
    }
    return (shares, others)
  }
}
