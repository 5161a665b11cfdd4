/// The forecast of one step after the end of a series.
public struct ForecastStep: Sendable, Equatable {
  /// The maximum number of steps of one forecast.
  public static let maximumCount = 100_000

  /// The expected value.
  public let mean: Double
  /// The standard deviation of the value about the mean, if the parameters are taken as exact.
  public let standardError: Double
  /// The lower end of the interval. It may be below zero for small counts where the model is
  /// Gaussian in the counts themselves.
  public let lower: Double
  /// The upper end of the interval.
  public let upper: Double

  /// A forecast from its four numbers.
  public init(mean: Double, standardError: Double, lower: Double, upper: Double) {
    self.mean = mean
    self.standardError = standardError
    self.lower = lower
    self.upper = upper
  }

  /// A Gaussian forecast.
  ///
  /// - Parameter halfWidth: That of the interval, in standard errors.
  init(mean: Double, standardError: Double, halfWidth: Double) {
    self.init(
      mean: mean, standardError: standardError, lower: mean - halfWidth * standardError,
      upper: mean + halfWidth * standardError)
  }

  /// A forecast from possible values: their mean, standard deviation and quantiles, which are interpolated
  /// linearly.
  ///
  /// - Parameters:
  ///   - samples: Possible values, all equally likely, at least one.
  ///   - level: The probability that the interval holds the value, above 0 and below 1.
  /// - Throws: `ForecastError.invalidLevel`.
  public init(samples: [Double], level: Double) throws(ForecastError) {
    guard level > 0, level < 1 else { throw .invalidLevel(level) }
    precondition(!samples.isEmpty, "ForecastStep: no samples")
    let sorted = samples.sorted()
    let count = Double(sorted.count)
    let mean = sorted.reduce(0, +) / count
    let squares = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    func quantile(_ share: Double) -> Double {
      let place = share * (count - 1)
      let low = Int(place)
      let high = min(low + 1, sorted.count - 1)
      return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
    self.init(
      mean: mean, standardError: (squares / count).squareRoot(),
      lower: quantile((1 - level) / 2), upper: quantile((1 + level) / 2))
  }
}
