/// The test of Kwiatkowski, Phillips, Schmidt and Shin of the hypothesis that a series varies about
/// a constant level, against that of a random walk.
///
/// With the deviations e_t from the mean, their partial sums S_t and the Newey–West estimate s² of
/// the long-run variance (Bartlett weights), the statistic is Σ S_t² / (n² s²). Source: Kwiatkowski
/// et al., Testing the null hypothesis of stationarity against the alternative of a unit root,
/// Journal of Econometrics 1992; 5 % critical value from table 1.
package enum KPSSTest {
  /// Stationarity is rejected at 5 % above this.
  package static let criticalValue = 0.463

  /// The statistic; zero for a constant or empty series.
  ///
  /// - Parameter lags: How many autocovariances the long-run variance takes in; nil is
  ///   ⌊3 √n / 13⌋, as in Hyndman and Khandakar's `ndiffs`.
  package static func statistic(_ series: [Double], lags: Int? = nil) -> Double {
    let count = Double(series.count)
    let lags = lags ?? Int(3 * count.squareRoot() / 13)
    let mean = series.reduce(0, +) / count
    let deviations = series.map { $0 - mean }
    var (sum, squares) = (0.0, 0.0)
    for deviation in deviations {
      sum += deviation
      squares += sum * sum
    }
    var longRun = deviations.reduce(0) { $0 + $1 * $1 }
    for lag in stride(from: 1, through: lags, by: 1) {
      let products = zip(deviations, deviations.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 }
      longRun += 2 * (1 - Double(lag) / Double(lags + 1)) * products
    }
    return longRun > 0 ? squares / (count * longRun) : 0
  }

  /// How many times the series is differenced before the test no longer rejects.
  static func differenceCount(of series: [Double]) -> Int {
    var (values, count) = (series, 0)
    while count < ARIMAOrder.maximumDifferences, statistic(values) > criticalValue {
      values = values.differences
      count += 1
    }
    return count
  }
}
