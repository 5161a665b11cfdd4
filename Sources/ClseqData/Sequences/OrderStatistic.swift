/// Numbers at places of an ascending order, found without sorting them or a copy.
///
/// The numbers are gone through a few times, each time counting those of a stretch in buckets; the bucket
/// that holds a place is the next stretch for it.
package enum OrderStatistic {
  /// Calls its argument with every number; the same ones each time.
  package typealias Each<Number> = (_ take: (Number) -> Void) -> Void

  /// Buckets of a stretch.
  private static let bucketBits = 16

  /// Where a place may still lie.
  private struct Search {
    var low: Int64
    var high: Int64
    /// The place among the numbers from `low` to `high`.
    var rest: Int

    var isFound: Bool { low == high }
    /// The bits of a number's distance from `low` that its bucket does not tell.
    var shift: UInt64 {
      let span = UInt64(bitPattern: high &- low)
      return UInt64(max(0, UInt64.bitWidth - span.leadingZeroBitCount - bucketBits))
    }

    /// The search in the bucket that holds the place.
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

  /// The numbers at places, from 0, of all numbers in ascending order.
  ///
  /// - Parameter ranks: Ascending.
  /// - Returns: As many; nil if there are not so many numbers.
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
      // Stretches that several places share are counted once.
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

  /// The numbers in each bucket of stretches that ascend, one stretch behind another.
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

  /// The same of one place.
  package static func value(at rank: Int, _ forEach: @escaping Each<Int64>) -> Int64? {
    values(at: [rank], forEach)?.first
  }

  /// The same of a column.
  package static func value(at rank: Int, of numbers: Column<Int64>) -> Int64? {
    value(at: rank) { take in
      let isDone: Void? = numbers.withContiguousStorageIfAvailable { $0.forEach(take) }
      if isDone == nil { for number in numbers { take(number) } }
    }
  }

  /// The same of floating-point numbers, none of them not a number; -0 comes before 0.
  package static func numbers(at ranks: [Int], _ forEach: @escaping Each<Double>) -> [Double]? {
    values(at: ranks) { take in forEach { take(ascendingKey($0)) } }?.map(number(ofKey:))
  }

  /// An integer that grows as numbers do.
  private static func ascendingKey(_ number: Double) -> Int64 {
    let bits = Int64(bitPattern: number.bitPattern)
    return bits >= 0 ? bits : bits ^ .max
  }

  private static func number(ofKey key: Int64) -> Double {
    Double(bitPattern: UInt64(bitPattern: key >= 0 ? key : key ^ .max))
  }
}
