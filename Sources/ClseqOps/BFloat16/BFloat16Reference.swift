/// bfloat16, the upper half of a float32, in plain loops.
package enum BFloat16Reference {
  /// The nearest bfloat16, of two equally near the even one (IEEE 754, roundTiesToEven). Values beyond the
  /// largest become infinite; NaN stays NaN.
  package static func round(_ x: Float) -> UInt16 {
    let bits = x.bitPattern
    if x.isNaN { return UInt16(bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }

  /// One of both neighbours, each with a probability in proportion to its nearness, so that the mean is `x`
  /// (Gupta et al., "Deep learning with limited numerical precision", ICML 2015): 16 random bits are added
  /// below those that are kept. Infinities and NaN stay.
  ///
  /// - Parameter random: uniform; the upper half is used.
  package static func round(_ x: Float, random: UInt32) -> UInt16 {
    guard x.isFinite else { return round(x) }
    return UInt16(truncatingIfNeeded: (x.bitPattern &+ (random >> 16)) >> 16)
  }

  package static func widen(_ half: UInt16) -> Float { Float(bitPattern: UInt32(half) << 16) }

  package static func round(
    _ x: UnsafeMutableBufferPointer<Float>, into out: UnsafeMutableBufferPointer<UInt16>
  ) {
    for i in x.indices { out[i] = round(x[i]) }
  }

  package static func widen(
    _ x: UnsafeMutableBufferPointer<UInt16>, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for i in x.indices { out[i] = widen(x[i]) }
  }
}
