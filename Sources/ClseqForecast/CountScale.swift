#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The numbers that a model is fitted to: the counts, or their square roots.
///
/// The root √(y + 3/8) of a Poisson count has nearly the variance 1/4 whatever its mean. Source:
/// Anscombe, The transformation of Poisson, binomial and negative-binomial data, Biometrika 1948.
public enum CountScale: String, Sendable, Codable, CaseIterable {
  /// y itself.
  case counts
  /// √(y + 3/8), for values that are not negative.
  case squareRoot = "square-root"

  private static let shift = 0.375

  /// The transformed values.
  package func transformed(_ series: [Double]) -> [Double] {
    switch self {
    case .counts: series
    case .squareRoot: series.map { ($0 + Self.shift).squareRoot() }
    }
  }

  /// The logarithm of the derivative of the transformation at a value: to be added to a
  /// log-likelihood of transformed values for one of the values.
  func logDerivative(_ value: Double) -> Double {
    switch self {
    case .counts: 0
    case .squareRoot: -log(2 * (value + Self.shift).squareRoot())
    }
  }

  /// The forecast of a value whose transformed value is Gaussian. That of a square is exact in its mean and
  /// standard error, E z² = m² + s² and Var z² = 4 m² s² + 2 s⁴; its interval is the transformed one.
  ///
  /// - Parameter halfWidth: That of the interval, in standard errors.
  package func forecast(mean: Double, variance: Double, halfWidth: Double) -> ForecastStep {
    let gaussian = ForecastStep(
      mean: mean, standardError: variance.squareRoot(), halfWidth: halfWidth)
    switch self {
    case .counts: return gaussian
    case .squareRoot:
      let square = mean * mean
      return ForecastStep(
        mean: max(0, square + variance - Self.shift),
        standardError: (4 * square * variance + 2 * variance * variance).squareRoot(),
        lower: value(of: gaussian.lower), upper: value(of: gaussian.upper))
    }
  }

  /// The value that has a transformed value; of a root at least zero.
  package func value(of number: Double) -> Double {
    switch self {
    case .counts: number
    case .squareRoot: number <= 0 ? 0 : max(0, number * number - Self.shift)
    }
  }
}
