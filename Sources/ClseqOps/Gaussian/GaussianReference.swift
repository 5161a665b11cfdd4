import Foundation

/// Normal distributions of codes in plain loops, over `[B, C]`.
package enum GaussianReference {
  /// z = m + exp(l / 2) ε.
  package static func sample<T: BinaryFloatingPoint>(
    mean: UnsafeMutableBufferPointer<T>, logVariance: UnsafeMutableBufferPointer<T>,
    _ z: UnsafeMutableBufferPointer<T>, sequences: UnsafeMutableBufferPointer<Int32>, key: LayerKey
  ) {
    forEach(z, sequences, key) { place, noise in
      z[place] = mean[place] + T(exp(Double(logVariance[place]) / 2) * noise)
    }
  }

  /// dm = base + dz and dl = base + dz ε exp(l / 2) / 2.
  package static func sampleBackward<T: BinaryFloatingPoint>(
    dz: UnsafeMutableBufferPointer<T>, logVariance: UnsafeMutableBufferPointer<T>,
    meanBase: UnsafeMutableBufferPointer<T>?, meanGradient: UnsafeMutableBufferPointer<T>,
    logBase: UnsafeMutableBufferPointer<T>?, logGradient: UnsafeMutableBufferPointer<T>,
    sequences: UnsafeMutableBufferPointer<Int32>, key: LayerKey
  ) {
    forEach(dz, sequences, key) { place, noise in
      let slope = T(exp(Double(logVariance[place]) / 2) * noise / 2)
      meanGradient[place] = (meanBase?[place] ?? 0) + dz[place]
      logGradient[place] = (logBase?[place] ?? 0) + dz[place] * slope
    }
  }

  /// scale · Σ max(least, k); writes both gradients where given.
  package static func divergence<T: BinaryFloatingPoint>(
    mean: UnsafeMutableBufferPointer<T>, logVariance: UnsafeMutableBufferPointer<T>, least: T,
    scale: T,
    gradients: (mean: UnsafeMutableBufferPointer<T>, log: UnsafeMutableBufferPointer<T>)?
  ) -> T {
    var total: T = 0
    for place in mean.indices {
      let (m, l) = (mean[place], logVariance[place])
      let variance = T(exp(Double(l)))
      let divergence = (variance + m * m - 1 - l) / 2
      total += max(divergence, least)
      let factor = divergence > least ? scale : 0
      gradients?.mean[place] = factor * m
      gradients?.log[place] = factor * (variance - 1) / 2
    }
    return scale * total
  }

  /// Calls a body with each place of `[B, C]` and its normal number.
  private static func forEach<T>(
    _ values: UnsafeMutableBufferPointer<T>, _ sequences: UnsafeMutableBufferPointer<Int32>,
    _ key: LayerKey, _ body: (_ place: Int, _ noise: Double) -> Void
  ) {
    if values.isEmpty { return }
    let width = values.count / sequences.count
    for (row, sequence) in sequences.enumerated() {
      for channel in 0..<width {
        let words = Philox.block(
          SIMD4(UInt32(channel / 4), 0, UInt32(bitPattern: sequence), key.epoch << 8), key: key.key)
        body(row * width + channel, NormalDistribution.number(words, lane: channel % 4))
      }
    }
  }
}
