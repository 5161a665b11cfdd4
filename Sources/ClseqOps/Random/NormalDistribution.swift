import Foundation

/// Normally distributed numbers from counters.
enum NormalDistribution {
  /// `count` numbers of mean 0, four from each counter.
  static func values(_ count: Int, standardDeviation: Float, key: LayerKey) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for start in stride(from: 0, to: count, by: 4) {
      let counter = UInt64(start / 4)
      let words = Philox.block(
        SIMD4(UInt32(truncatingIfNeeded: counter), UInt32(counter >> 32), 0, key.epoch << 8),
        key: key.key)
      for lane in 0..<min(4, count - start) {
        values[start + lane] = standardDeviation * Float(number(words, lane: lane))
      }
    }
    return values
  }

  /// One of the four numbers of mean 0 and deviation 1 that the transform of Box and Muller (1958) makes of four words.
  static func number(_ words: SIMD4<UInt32>, lane: Int) -> Double {
    let pair = lane & 2
    let uniform = (Double(words[pair]) + 0.5) / 4_294_967_296
    let angle = 2 * Double.pi * (Double(words[pair + 1]) + 0.5) / 4_294_967_296
    let turn = lane & 1 == 0 ? cos(angle) : sin(angle)
    return (-2 * log(uniform)).squareRoot() * turn
  }
}
