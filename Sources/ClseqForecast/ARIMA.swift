/// An ARIMA model of a series of numbers at equal steps of time, such as events per day.
///
/// The series is differenced d times. The result, minus its mean μ if d = 0, is modelled as a
/// stationary and invertible ARMA(p, q) process with Gaussian innovations. The parameters maximise
/// the exact likelihood of the differenced series (`ARMALikelihood`). For d > 0 there is no
/// constant, so forecasts do not drift. This is the model of statsmodels' `ARIMA(p, d, q)` with its
/// default trend.
///
/// ```swift
/// let model = try ARIMA(selectedFor: counts)
/// for day in try model.forecast(steps: 7) { print(day.mean, day.lower, day.upper) }
/// ```
public struct ARIMA: Sendable {
  /// The order (p, d, q).
  public let order: ARIMAOrder
  /// φ₁ … φ_p.
  public let phi: [Double]
  /// θ₁ … θ_q, with the sign of y_t = ε_t + θ₁ ε_{t−1} + ….
  public let theta: [Double]
  /// μ, the mean of the process; 0 where d > 0.
  public let mean: Double
  /// σ², the variance of the innovations.
  public let variance: Double
  /// The logarithm of the likelihood of the differenced series.
  public let logLikelihood: Double
  /// The state of the filter after the last value, for forecasts.
  let state: [Double]
  let covariance: SquareMatrix
  /// The last value of the series and of each of its differences below d.
  let levels: [Double]

  /// Akaike's criterion, 2 k − 2 log L, with the k of ``ARIMAOrder/parameterCount``. Comparable
  /// between models of one series with the same d only.
  public var aic: Double { 2 * Double(order.parameterCount) - 2 * logLikelihood }

  /// Fits a model of a given order.
  ///
  /// - Parameters:
  ///   - series: Values at equal steps of time, at least ``ARIMAOrder/minimumCount``.
  ///   - order: The order (p, d, q).
  /// - Throws: `ForecastError.unsupportedOrder`, `.notFinite`, `.tooShort` and `.noVariation`.
  public init(fitting series: [Double], order: ARIMAOrder) throws(ForecastError) {
    let (differenced, levels) = try Self.checked(series, order)
    let point = Self.bestPoint(differenced, order)
    self.init(differenced, levels, order, Self.coefficients(point, order))
  }

  /// The model with given coefficients: only the mean and the variance are estimated.
  ///
  /// - Throws: `ForecastError.unsupportedOrder`, `.notFinite`, `.tooShort` and `.noVariation`.
  package init(
    _ series: [Double], d: Int, phi: [Double], theta: [Double]
  ) throws(ForecastError) {
    let order = ARIMAOrder(phi.count, d, theta.count)
    let (differenced, levels) = try Self.checked(series, order)
    self.init(differenced, levels, order, (phi, theta))
  }

  private init(
    _ differenced: [Double], _ levels: [Double], _ order: ARIMAOrder,
    _ coefficients: (phi: [Double], theta: [Double])
  ) {
    let process = ARMAProcess(phi: coefficients.phi, theta: coefficients.theta)
    let likelihood = ARMALikelihood(differenced, process, hasMean: order.d == 0)
    self.order = order
    phi = coefficients.phi
    theta = coefficients.theta
    mean = likelihood.mean
    variance = likelihood.variance
    logLikelihood = likelihood.logLikelihood
    state = likelihood.state
    covariance = likelihood.covariance
    self.levels = levels
  }

  /// The differences of order d, and the last value of each order below.
  private static func checked(
    _ series: [Double], _ order: ARIMAOrder
  ) throws(ForecastError) -> (differenced: [Double], levels: [Double]) {
    guard order.isSupported else { throw .unsupportedOrder(order) }
    guard series.count >= order.minimumCount else {
      throw .tooShort(count: series.count, minimum: order.minimumCount)
    }
    var (values, levels) = (series, [Double]())
    for _ in 0..<order.d {
      levels.append(values[values.count - 1])
      values = values.differences
    }
    guard (series + values).allSatisfy(\.isFinite) else { throw .notFinite }
    let start = order.d == 0 ? values[0] : 0
    if values.allSatisfy({ $0 == start }) { throw .noVariation(differences: order.d) }
    return (values, levels)
  }

  /// The unconstrained numbers, p for φ and then q for θ, of maximum likelihood. There may be
  /// several local maxima, and φ = −θ is a ridge on which the two cancel, so more than one start
  /// is tried.
  private static func bestPoint(_ differenced: [Double], _ order: ARIMAOrder) -> [Double] {
    let count = Double(differenced.count)
    let search = QuasiNewton { point in
      let (phi, theta) = coefficients(point, order)
      return -ARMALikelihood(
        differenced, ARMAProcess(phi: phi, theta: theta), hasMean: order.d == 0
      ).logLikelihood / count
    }
    let pairs: [(Double, Double)] = [
      (0, 0), (0.5, 0), (0, 0.5), (0.5, -0.5), (-0.5, 0.5), (1.5, 0.5),
    ]
    let starts = pairs.map {
      Array(repeating: $0.0, count: order.p) + Array(repeating: $0.1, count: order.q)
    }
    var best = search.minimum(from: starts[0])
    for start in starts.dropFirst() where order.p + order.q > 0 {
      let other = search.minimum(from: start)
      if other.value < best.value { best = other }
    }
    return best.point
  }

  private static func coefficients(
    _ point: [Double], _ order: ARIMAOrder
  ) -> (phi: [Double], theta: [Double]) {
    (
      StationaryCoefficients.from(point[..<order.p]),
      StationaryCoefficients.from(point[order.p...]).map { -$0 }
    )
  }
}

extension Array where Element == Double {
  /// The differences of neighbours.
  var differences: [Double] { zip(dropFirst(), self).map { $0 - $1 } }
}
