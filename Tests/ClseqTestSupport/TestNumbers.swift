/// Numbers for tests: the same on every run and machine (SplitMix64; Steele, Lea, Flood 2014).
public struct TestNumbers: RandomNumberGenerator {
  private var state: UInt64

  /// Numbers determined by a seed.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform numbers of [-2, 2).
  public mutating func floats(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float.random(in: -2..<2, using: &self) }
  }

  /// Uniform numbers of [-2, 2).
  public mutating func doubles(_ count: Int) -> [Double] {
    (0..<count).map { _ in Double.random(in: -2..<2, using: &self) }
  }

  /// Uniform integers of 0..<bound.
  public mutating func indices(_ count: Int, below bound: Int32) -> [Int32] {
    (0..<count).map { _ in Int32.random(in: 0..<bound, using: &self) }
  }
}
