/// Forecasts of a series made from its past, compared with its values (rolling origins).
///
/// An origin is a number of days that a forecast may know. The last origin leaves one horizon of days, the
/// one before it a day more, and so on; each forecast is of the horizon after its origin.
///
/// ```swift
/// let test = try Backtest(counts, origins: 28, horizon: 14)
/// let scores = try test.scores { known in
///   try ARIMA(selectedFor: known).forecast(steps: test.horizon, level: test.level)
/// }
/// ```
public struct Backtest: Sendable {
  /// The days before the first origin: at least two weeks.
  public static let minimumFitted = 2 * StructuralComponents.period

  /// How well forecasts met the values.
  public struct Scores: Sendable, Equatable, Codable {
    /// The number of values that were forecast: origins times horizon.
    public let count: Int
    /// The mean absolute scaled error: errors are divided by the mean absolute error of the seasonal naive
    /// forecast within the days before the origin; nil if that is zero. Source: Hyndman and Koehler,
    /// Another look at measures of forecast accuracy, International Journal of Forecasting 2006.
    public let mase: Double?
    /// The root of the mean squared error, in events.
    public let rmse: Double
    /// The share of the values within their intervals.
    public let coverage: Double
    /// The mean width of the intervals, in events.
    public let meanWidth: Double
  }

  /// The values of all days.
  public let series: [Double]
  /// How many origins there are.
  public let origins: Int
  /// How many days are forecast from each.
  public let horizon: Int
  /// The probability that an interval shall hold the value.
  public let level: Double

  /// - Parameters:
  ///   - series: The values of all days.
  ///   - origins: How many origins.
  ///   - horizon: How many days are forecast from each.
  ///   - level: The probability that an interval shall hold the value, above 0 and below 1.
  /// - Throws: `ForecastError.notFinite`, `.invalidLevel` and `.tooManyOrigins`.
  public init(
    _ series: [Double], origins: Int, horizon: Int, level: Double = 0.95
  ) throws(ForecastError) {
    guard series.allSatisfy(\.isFinite) else { throw .notFinite }
    guard level > 0, level < 1 else { throw .invalidLevel(level) }
    let maximum = Self.maximumOrigins(count: series.count, horizon: horizon)
    guard horizon >= 1, origins >= 1, origins <= maximum else {
      throw .tooManyOrigins(origins, horizon: horizon, count: series.count)
    }
    self.series = series
    self.origins = origins
    self.horizon = horizon
    self.level = level
  }

  /// How many origins a series of so many days allows; zero or less if none.
  public static func maximumOrigins(count: Int, horizon: Int) -> Int {
    horizon < 1 || horizon > count ? 0 : count - horizon - minimumFitted + 1
  }

  /// The number of days that each forecast knows, the first first.
  public var knownCounts: Range<Int> {
    let end = series.count - horizon + 1
    return end - origins..<end
  }

  /// Scores a forecast.
  ///
  /// - Parameter forecast: Gives the ``horizon`` days after the values that it gets.
  /// - Throws: The errors of `forecast`.
  public func scores<Failure: Error>(
    _ forecast: (_ known: [Double]) throws(Failure) -> [ForecastStep]
  ) throws(Failure) -> Scores {
    var (scaled, isScaled) = (0.0, true)
    var (squares, width, covered) = (0.0, 0.0, 0)
    for count in knownCounts {
      let known = Array(series[..<count])
      let scale = (try? SeasonalNaive.meanAbsoluteError(known)) ?? 0
      if scale == 0 { isScaled = false }
      let steps = try forecast(known)
      precondition(steps.count == horizon, "Backtest: \(steps.count) steps, not \(horizon)")
      for (step, value) in zip(steps, series[count...]) {
        let error = value - step.mean
        scaled += abs(error) / scale
        squares += error * error
        width += step.upper - step.lower
        if step.lower <= value, value <= step.upper { covered += 1 }
      }
    }
    let total = Double(origins * horizon)
    return Scores(
      count: origins * horizon, mase: isScaled ? scaled / total : nil,
      rmse: (squares / total).squareRoot(), coverage: Double(covered) / total,
      meanWidth: width / total)
  }
}
