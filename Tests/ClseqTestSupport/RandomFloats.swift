/// Numbers for test inputs, evenly spread over -1 ... 1: SplitMix64 (Steele, Lea, Flood 2014).
public struct RandomFloats {
  private var state: UInt64

  /// Numbers that a seed fixes.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next number.
  public mutating func next() -> Float {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    bits ^= bits >> 31
    return Float(Int64(bitPattern: bits) >> 40) / Float(1 << 23)
  }

  /// The next `count` numbers.
  public mutating func next(_ count: Int) -> [Float] {
    (0..<count).map { _ in next() }
  }
}
