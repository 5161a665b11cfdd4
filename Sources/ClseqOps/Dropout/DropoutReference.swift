/// Dropout in plain loops.
package enum DropoutReference {
  /// y = base + x f, f = 0 or 1 / (1 − p), or 1 without a key, over rows `[N, D]`.
  package static func apply<T: BinaryFloatingPoint>(
    _ x: UnsafeMutableBufferPointer<T>, base: UnsafeMutableBufferPointer<T>?,
    y: UnsafeMutableBufferPointer<T>, times: UnsafeMutableBufferPointer<Int32>,
    sequences: UnsafeMutableBufferPointer<Int32>, key: LayerKey?, rate: DropoutRate
  ) {
    if x.isEmpty { return }
    let width = x.count / times.count
    for row in times.indices {
      for channel in 0..<width {
        let i = row * width + channel
        let kept =
          key.map {
            factor(
              channel: channel, time: times[row], sequence: sequences[row], key: $0, rate: rate)
          } ?? 1
        y[i] = (base?[i] ?? 0) + x[i] * T(kept)
      }
    }
  }

  /// The factor of one value: 0 if word `channel % 4` of the counter (channel / 4, time, sequence,
  /// epoch · 256) is below the threshold. The low byte of the last word is used by attention, for
  /// heads.
  package static func factor(
    channel: Int, time: Int32, sequence: Int32, key: LayerKey, rate: DropoutRate
  ) -> Float {
    let counter = SIMD4(
      UInt32(channel / 4), UInt32(bitPattern: time), UInt32(bitPattern: sequence), key.epoch << 8)
    return Philox.block(counter, key: key.key)[channel % 4] < rate.threshold ? 0 : rate.scale
  }
}
