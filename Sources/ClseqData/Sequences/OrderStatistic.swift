/// Order statistics: numbers at given ranks, found without sorting and without a copy.
///
/// Each of a few passes counts the numbers of an interval in buckets; the bucket that contains a rank is
/// the interval of the next pass.
package enum OrderStatistic {
  /// Calls its argument with every number; the same numbers each time.
  package typealias Each<Number> = (_ take: (Number) -> Void) -> Void

  /// Buckets per interval.
  private static let bucketBits = 16

  /// The interval that contains a rank.
  private struct Search {
    var low: Int64
    var high: Int64
    /// The rank among the numbers from `low` to `high`.
    var rest: Int

    var isFound: Bool { low == high }
    /// The bits of a number's distance from `low` below those of its bucket.
    var shift: UInt64 {
      let span = UInt64(bitPattern: high &- low)
      return UInt64(max(0, UInt64.bitWidth - span.leadingZeroBitCount - bucketBits))
    }

    /// The search in the bucket that contains the rank.
    func narrowed(by counts: ArraySlice<Int>) -> Search {
      var (rest, bucket) = (rest, counts.startIndex)
      while rest >= counts[bucket] {
        rest -= counts[bucket]
        bucket += 1
      }
      let start = UInt64(bucket - counts.startIndex) << shift
      let end = min(UInt64(bitPattern: high &- low), start + ((1 << shift) - 1))
      return Search(
        low: low &+ Int64(bitPattern: start), high: low &+ Int64(bitPattern: end), rest: rest)
    }
  }

  /// The numbers at ranks, from 0, in ascending order.
  ///
  /// - Parameter ranks: Ascending.
  /// - Returns: One number per rank; nil if there are too few numbers.
  package static func values(at ranks: [Int], _ forEach: @escaping Each<Int64>) -> [Int64]? {
    var (low, high, count) = (Int64.max, Int64.min, 0)
    forEach { number in
      low = min(low, number)
      high = max(high, number)
      count += 1
    }
    guard ranks.allSatisfy({ (0..<count).contains($0) }) else { return nil }
    var searches = ranks.map { Search(low: low, high: high, rest: $0) }
    while searches.contains(where: { !$0.isFound }) {
      // Intervals that several ranks share are counted once.
      var stretches: [Search] = []
      for search in searches where !search.isFound && stretches.last?.low != search.low {
        stretches.append(search)
      }
      let counts = Self.counts(of: stretches, forEach)
      searches = searches.map { search in
        guard let place = stretches.firstIndex(where: { $0.low == search.low }), !search.isFound
        else { return search }
        return search.narrowed(by: counts[place << bucketBits..<(place + 1) << bucketBits])
      }
    }
    return searches.map(\.low)
  }

  /// The counts of the buckets of ascending intervals, one interval after another.
  private static func counts(of stretches: [Search], _ forEach: Each<Int64>) -> [Int] {
    var counts = [Int](repeating: 0, count: stretches.count << bucketBits)
    let shifts = stretches.map(\.shift)
    counts.withUnsafeMutableBufferPointer { counts in
      stretches.withUnsafeBufferPointer { stretches in
        forEach { number in
          for place in stretches.indices where number <= stretches[place].high {
            if number >= stretches[place].low {
              let distance = UInt64(bitPattern: number &- stretches[place].low)
              counts[place << bucketBits + Int(distance >> shifts[place])] += 1
            }
            return
          }
        }
      }
    }
    return counts
  }

  /// The same for one rank.
  package static func value(at rank: Int, _ forEach: @escaping Each<Int64>) -> Int64? {
    values(at: [rank], forEach)?.first
  }

  /// The same for a column.
  package static func value(at rank: Int, of numbers: Column<Int64>) -> Int64? {
    value(at: rank) { take in
      let isDone: Void? = numbers.withContiguousStorageIfAvailable { $0.forEach(take) }
      if isDone == nil { for number in numbers { take(number) } }
    }
  }

  /// The same for floating-point numbers without NaN; -0 comes before 0.
  package static func numbers(at ranks: [Int], _ forEach: @escaping Each<Double>) -> [Double]? {
    values(at: ranks) { take in forEach { take(ascendingKey($0)) } }?.map(number(ofKey:))
  }

  /// An integer with the order of the numbers.
  private static func ascendingKey(_ number: Double) -> Int64 {
    let bits = Int64(bitPattern: number.bitPattern)
    return bits >= 0 ? bits : bits ^ .max
  }

  private static func number(ofKey key: Int64) -> Double {
    Double(bitPattern: UInt64(bitPattern: key >= 0 ? key : key ^ .max))
  }
}
