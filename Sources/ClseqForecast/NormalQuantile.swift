#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Quantiles of the standard normal distribution.
enum NormalQuantile {
  /// The half-width for a level from outside.
  ///
  /// - Throws: `ForecastError.invalidLevel` for one that is not above 0 and below 1.
  static func halfWidth(checked level: Double) throws(ForecastError) -> Double {
    guard level > 0, level < 1 else { throw .invalidLevel(level) }
    return halfWidth(level: level)
  }

  /// z with P(|Z| ≤ z) = level: Newton's method on erf(z / √2) = level. From 0 it nears the
  /// solution from below, since erf is concave there.
  ///
  /// - Parameter level: Above 0 and below 1.
  static func halfWidth(level: Double) -> Double {
    var z = 0.0
    for _ in 0..<100 {
      let density = (2 / Double.pi).squareRoot() * exp(-z * z / 2)
      let step = (level - erf(z / 2.0.squareRoot())) / density
      z += step
      if abs(step) < 1e-14 * z { break }
    }
    return z
  }
}
