/// Coefficients of a stationary autoregression from any real numbers, one each.
///
/// A number x becomes the partial autocorrelation r = x / √(1 + x²) in (−1, 1), and those become
/// coefficients by the Durbin–Levinson recursion
///
///     φ_k(k) = r_k,   φ_i(k) = φ_i(k−1) − r_k φ_{k−i}(k−1)
///
/// Every stationary autoregression comes from one such point, so an optimiser needs no bounds. With
/// the opposite sign the coefficients are those of an invertible moving average. Source: Monahan, A
/// note on enforcing stationarity in autoregressive-moving average models, Biometrika 1984.
enum StationaryCoefficients {
  static func from(_ unconstrained: ArraySlice<Double>) -> [Double] {
    var phi: [Double] = []
    for x in unconstrained {
      let partial = x / (1 + x * x).squareRoot()
      phi = zip(phi, phi.reversed()).map { $0 - partial * $1 } + [partial]
    }
    return phi
  }
}
