/// Random numbers as a function of a key and a counter, without state.
///
/// The numbers are those of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, OOPSLA 2014) whose counter is the argument. They use integer arithmetic alone, so
/// they are the same on every platform. Draws are inlinable, because they are most of the time of resampling.
package struct CounterRandom: Sendable, Equatable {
  @usableFromInline package let key: UInt64

  /// A stream named by a seed and any number of words, such as a purpose and an epoch.
  package init(seed: UInt64, _ words: UInt64...) {
    key = words.reduce(Self.mixed(seed &+ Self.increment)) { key, word in
      Self.mixed(key ^ Self.mixed(word &+ Self.increment))
    }
  }

  /// Sixty-four random bits for this counter.
  @inlinable package func bits(_ counter: UInt64) -> UInt64 {
    Self.mixed(key &+ (counter &+ 1) &* Self.increment)
  }

  /// A number in [0, 1), a multiple of 2⁻⁵³.
  @inlinable package func uniform(_ counter: UInt64) -> Double {
    Double(bits(counter) >> 11) * 0x1p-53
  }

  /// A number in 0 ..< bound, by the high word of the product (Lemire, Fast random integer
  /// generation in an interval, TOMACS 2019); the bias is below bound / 2⁶⁴.
  @inlinable package func integer(below bound: Int, _ counter: UInt64) -> Int {
    Int(bits(counter).multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// 0 ..< count in random order: each number's place follows from its own key, ties by number.
  package func permutation(count: Int) -> [Int32] {
    let keys = (0..<UInt64(count)).map(bits)
    return (0..<Int32(count)).sorted { (keys[Int($0)], $0) < (keys[Int($1)], $1) }
  }

  @usableFromInline package static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  @inlinable package static func mixed(_ word: UInt64) -> UInt64 {
    var word = word
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
