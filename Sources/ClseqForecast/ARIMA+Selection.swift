extension ARIMA {
  /// The largest p and q that are tried.
  public static let selectionMaximumLag = 3

  /// Chooses the order and fits the model.
  ///
  /// First d: the series is differenced until `KPSSTest` no longer rejects stationarity at 5 %,
  /// at most ``ARIMAOrder/maximumDifferences`` times. It comes first because likelihoods of series
  /// that were differenced a different number of times cannot be compared. Then p and q: all pairs
  /// of 0 to ``selectionMaximumLag`` for which the series is long enough. The minimum AIC wins; of
  /// equal values the one with fewer parameters. Source: Hyndman and Khandakar, Automatic time series
  /// forecasting: the forecast package for R, JSS 2008, section 3, without its steps to seasonal
  /// orders and with all pairs in place of a stepwise search.
  ///
  /// - Throws: `ForecastError.notFinite`, `.tooShort` and `.noVariation`.
  public init(selectedFor series: [Double]) throws(ForecastError) {
    guard series.allSatisfy(\.isFinite) else { throw .notFinite }
    let d = KPSSTest.differenceCount(of: series)
    let lags = 0...Self.selectionMaximumLag
    let orders = lags.flatMap { p in lags.map { ARIMAOrder(p, d, $0) } }
      .sorted { ($0.parameterCount, $0.p) < ($1.parameterCount, $1.p) }
    var best = try ARIMA(fitting: series, order: orders[0])
    for order in orders.dropFirst() where series.count >= order.minimumCount {
      let model = try ARIMA(fitting: series, order: order)
      if model.aic < best.aic { best = model }
    }
    self = best
  }
}
