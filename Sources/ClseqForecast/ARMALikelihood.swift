#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The exact Gaussian likelihood of a series under an ARMA process, with the mean and the variance
/// of the innovations at their best values given φ and θ.
///
/// With errors v_t and variances F_t of the Kalman filter, started from the stationary
/// distribution, for n values:
///
///     σ² = (1/n) Σ v_t² / F_t
///     log L = −n/2 (log 2π + log σ² + 1) − ½ Σ log F_t
///
/// The filter is linear, so the errors under mean μ are v_t(y) − μ v_t(1), and μ is the generalised
/// least squares estimate Σ v_t(y) v_t(1) / F_t ÷ Σ v_t(1)² / F_t. Sources: Jones, Maximum
/// likelihood fitting of ARMA models to time series with missing observations, Technometrics 1980;
/// Durbin and Koopman, sections 7.2 and 2.10.2 (concentration).
struct ARMALikelihood: Sendable {
  let logLikelihood: Double
  /// μ; zero if no mean is estimated.
  let mean: Double
  /// σ².
  let variance: Double
  /// The prediction of the state after the last value, minus its mean, and its covariance for
  /// innovations of variance one.
  let state: [Double]
  let covariance: SquareMatrix

  /// - Parameters:
  ///   - series: At least one value.
  ///   - hasMean: Whether μ is estimated.
  init(_ series: [Double], _ process: ARMAProcess, hasMean: Bool) {
    let ones = Array(repeating: 1.0, count: series.count)
    let filtered = process.filter(hasMean ? [series, ones] : [series])
    var errors = filtered.errors[0]
    var state = filtered.states[0]
    var mean = 0.0
    if hasMean {
      let unit = filtered.errors[1]
      var (product, square) = (0.0, 0.0)
      for (time, variance) in filtered.variances.enumerated() {
        product += errors[time] * unit[time] / variance
        square += unit[time] * unit[time] / variance
      }
      mean = product / square
      for time in errors.indices { errors[time] -= mean * unit[time] }
      for index in state.indices { state[index] -= mean * filtered.states[1][index] }
    }
    let count = Double(series.count)
    let squares = zip(errors, filtered.variances).reduce(0) { $0 + $1.0 * $1.0 / $1.1 }
    let determinant = filtered.variances.reduce(0) { $0 + log($1) }
    variance = squares / count
    logLikelihood = -count / 2 * (log(2 * .pi) + log(squares / count) + 1) - determinant / 2
    self.mean = mean
    self.state = state
    covariance = filtered.covariance
  }
}
