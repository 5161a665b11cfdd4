/// Uniformly distributed numbers from counters.
enum UniformDistribution {
  /// `count` numbers of -bound ..< bound, four from each counter.
  static func values(_ count: Int, bound: Float, key: LayerKey) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for start in stride(from: 0, to: count, by: 4) {
      let counter = UInt64(start / 4)
      let words = Philox.block(
        SIMD4(UInt32(truncatingIfNeeded: counter), UInt32(counter >> 32), 0, key.epoch << 8),
        key: key.key)
      for lane in 0..<min(4, count - start) {
        // 24 bits, which Float holds exactly.
        values[start + lane] = bound * (Float(words[lane] >> 8) / 8_388_608 - 1)
      }
    }
    return values
  }
}
