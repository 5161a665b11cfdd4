import ClseqBase

/// A sequence of random numbers.
struct RandomSequence {
  private let random: CounterRandom
  private var counter: UInt64

  /// The numbers of a stream from a counter on.
  init(_ random: CounterRandom, from counter: UInt64 = 0) {
    self.random = random
    self.counter = counter
  }

  /// A number in [0, 1).
  mutating func uniform() -> Double {
    counter += 1
    return random.uniform(counter - 1)
  }

  /// A number in 0 ..< bound.
  mutating func integer(below bound: Int) -> Int {
    counter += 1
    return random.integer(below: bound, counter - 1)
  }
}
