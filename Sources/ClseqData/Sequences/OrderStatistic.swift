/// What stands at a place of numbers in ascending order, found without sorting them or a copy.
enum OrderStatistic {
  /// Buckets of a pass.
  private static let bucketBits = 16

  /// The number at `rank`, from 0, of the numbers in ascending order; nil if there are not so many.
  ///
  /// The numbers are gone through a few times, each time counting those of a stretch in buckets, and the
  /// bucket that holds the rank is the next stretch.
  ///
  /// - Parameter forEach: Calls its argument with every number; the same ones each time.
  static func value(
    at rank: Int, _ forEach: (_ take: (Int64) -> Void) -> Void
  ) -> Int64? {
    var (low, high, count) = (Int64.max, Int64.min, 0)
    forEach { number in
      low = min(low, number)
      high = max(high, number)
      count += 1
    }
    guard rank >= 0, rank < count else { return nil }
    var rest = rank
    while low < high {
      let span = UInt64(bitPattern: high &- low)
      let shift = UInt64(max(0, UInt64.bitWidth - span.leadingZeroBitCount - bucketBits))
      var counts = [Int](repeating: 0, count: Int(span >> shift) + 1)
      counts.withUnsafeMutableBufferPointer { counts in
        forEach { number in
          if number >= low && number <= high {
            counts[Int(UInt64(bitPattern: number &- low) >> shift)] += 1
          }
        }
      }
      var bucket = 0
      while rest >= counts[bucket] {
        rest -= counts[bucket]
        bucket += 1
      }
      let start = UInt64(bucket) << shift
      let end = min(span, start + (1 << shift) - 1)
      (low, high) = (
        low &+ Int64(bitPattern: start), low &+ Int64(bitPattern: end)
      )
    }
    return low
  }

  /// The same of a column.
  static func value(at rank: Int, of numbers: Column<Int64>) -> Int64? {
    value(at: rank) { take in
      let isDone: Void? = numbers.withContiguousStorageIfAvailable { $0.forEach(take) }
      if isDone == nil { for number in numbers { take(number) } }
    }
  }
}
