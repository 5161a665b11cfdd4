#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The largest score of many and the sum of their exponentials, eight at a time: a step takes both over all items
/// for every sequence.
enum ScoreVectors {
  private typealias Lanes = SIMD8<Float>

  /// The largest score; −∞ where none is a number.
  static func largest(of scores: UnsafeMutableBufferPointer<Float>) -> Float {
    var lanes = Lanes(repeating: -.infinity)
    let whole = scores.count / 8 * 8
    for place in stride(from: 0, to: whole, by: 8) {
      let next = load(scores, place)
      lanes.replace(with: next, where: next .> lanes)
    }
    var largest = lanes.max()
    for place in whole..<scores.count where scores[place] > largest { largest = scores[place] }
    return largest
  }

  /// The sum of e^((score - largest) factor); a score that is not a number counts as −∞.
  ///
  /// The error of the sum, relative to it, is below 1e-6: that of single precision.
  ///
  /// - Parameters:
  ///   - largest: At least every score, and finite.
  ///   - factor: Above 0.
  static func weightSum(
    of scores: UnsafeMutableBufferPointer<Float>, largest: Float, factor: Float
  ) -> Double {
    var sum = 0.0
    let (shift, whole) = (Lanes(repeating: largest), scores.count / 8 * 8)
    // Sums of a few hundred terms in single precision, which are added in double precision.
    for start in stride(from: 0, to: whole, by: 512) {
      var lanes = Lanes.zero
      for place in stride(from: start, to: min(start + 512, whole), by: 8) {
        lanes += exponential((load(scores, place) - shift) * factor)
      }
      sum += Double(lanes.sum())
    }
    for place in whole..<scores.count where !scores[place].isNaN {
      sum += exp((Double(scores[place]) - Double(largest)) * Double(factor))
    }
    return sum
  }

  private static func load(
    _ scores: UnsafeMutableBufferPointer<Float>, _ place: Int
  ) -> Lanes {
    UnsafeRawPointer(scores.baseAddress! + place).loadUnaligned(as: Lanes.self)
  }

  /// e^x of numbers of at most 0; 0 below −87, and of what is not a number.
  ///
  /// Source: the reduction and the polynomial of `expf` in Moshier's Cephes library.
  private static func exponential(_ x: Lanes) -> Lanes {
    let counts = x .>= -87
    let x = x.replacing(with: 0, where: .!counts)
    // Added to a number below 2^22 in size, this leaves its nearest integer in the low bits.
    let shifted = x * 1.442_695_04 + 12_582_912
    let power = shifted - 12_582_912
    let rest = x - power * 0.693_359_375 + power * 2.121_944_4e-4
    var y = rest * 1.987_569_15e-4 + 1.398_199_95e-3
    y = y * rest + 8.333_451_9e-3
    y = y * rest + 4.166_579_6e-2
    y = y * rest + 1.666_666_55e-1
    y = y * rest + 5.000_000_1e-1
    y = y * (rest * rest) + rest + 1
    let integers = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &- 0x4B40_0000
    let scale = unsafeBitCast((integers &+ 127) &<< 23, to: Lanes.self)
    return (y * scale).replacing(with: 0, where: .!counts)
  }
}
