/// The forecast that every other one should beat: the value of the same weekday of the last week.
///
/// The interval is Gaussian. Its variance is the mean square of the errors of the same forecast one week
/// ahead within the series, times the number of weeks ahead. Source: Hyndman and Athanasopoulos,
/// Forecasting: principles and practice, 3rd edition, section 5.5.
public enum SeasonalNaive {
  /// Forecasts the days after the end of a series.
  ///
  /// - Parameters:
  ///   - series: Values of days, more than a week of them.
  ///   - steps: The number of days, clamped to 0 … ``ForecastStep/maximumCount``.
  ///   - level: The probability that the interval holds the value, above 0 and below 1.
  /// - Throws: `ForecastError.tooShort` and `.invalidLevel`.
  public static func forecast(
    _ series: [Double], steps: Int, level: Double = 0.95
  ) throws(ForecastError) -> [ForecastStep] {
    let width = try NormalQuantile.halfWidth(checked: level)
    let errors = try self.errors(series)
    let variance = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
    let week = Array(series.suffix(StructuralComponents.period))
    return (0..<max(0, min(steps, ForecastStep.maximumCount))).map { step in
      let (weeks, day) = step.quotientAndRemainder(dividingBy: week.count)
      let error = (variance * Double(weeks + 1)).squareRoot()
      return ForecastStep(mean: week[day], standardError: error, halfWidth: width)
    }
  }

  /// The mean absolute error one week ahead within a series, by which MASE is scaled.
  static func meanAbsoluteError(_ series: [Double]) throws(ForecastError) -> Double {
    let errors = try self.errors(series)
    return errors.reduce(0) { $0 + abs($1) } / Double(errors.count)
  }

  private static func errors(_ series: [Double]) throws(ForecastError) -> [Double] {
    let period = StructuralComponents.period
    guard series.count > period else {
      throw .tooShort(count: series.count, minimum: period + 1)
    }
    return zip(series.dropFirst(period), series).map { $0 - $1 }
  }
}
