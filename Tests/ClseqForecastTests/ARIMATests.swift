import ClseqForecast
import ClseqTestSupport
import Foundation
import Testing

@Suite struct ARIMATests {
  private struct Goldens: Decodable {
    var steps: Int
    var level: Double
    var models: [Model]
    var kpss: [Test]

    struct Model: Decodable {
      var name: String
      var series: [Double]
      var p, d, q: Int
      var given: Given
      var fitted: Fitted
    }
    struct Given: Decodable {
      var phi, theta: [Double]
      var logLikelihood: Double
      var forecast: Forecast
    }
    struct Fitted: Decodable {
      var phi, theta: [Double]
      var mean, variance, logLikelihood, aic: Double
      var forecast: Forecast
    }
    struct Forecast: Decodable {
      var mean, standardError, lower, upper: [Double]
    }
    struct Test: Decodable {
      var series: String
      var lags: Int
      var statistic: Double
    }
  }

  private static func goldens() throws -> Goldens {
    try JSONDecoder().decode(Goldens.self, from: Data(try Fixture.bytes("arima.json")))
  }

  private func compare(
    _ model: ARIMA, _ expected: Goldens.Forecast, _ goldens: Goldens, _ tolerance: Double,
    _ name: String
  ) throws {
    let forecast = try model.forecast(steps: goldens.steps, level: goldens.level)
    let scale = expected.standardError[0]
    let pairs = [
      (forecast.map(\.mean), expected.mean), (forecast.map(\.lower), expected.lower),
      (forecast.map(\.standardError), expected.standardError),
      (forecast.map(\.upper), expected.upper),
    ]
    for (actual, values) in pairs {
      #expect(actual.count == values.count)
      for (step, (left, right)) in zip(actual, values).enumerated() {
        // Errors of the coefficients add up from step to step.
        let bound = tolerance * scale * Double(step + 1)
        #expect(abs(left - right) < bound, "\(name), step \(step + 1)")
      }
    }
  }

  @Test func likelihoodOfGivenCoefficients() throws {
    let goldens = try Self.goldens()
    for golden in goldens.models {
      let given = golden.given
      let model = try ARIMA(golden.series, d: golden.d, phi: given.phi, theta: given.theta)
      let error = abs(model.logLikelihood / given.logLikelihood - 1)
      #expect(error < Tolerance.likelihood, "\(golden.name)")
      try compare(model, given.forecast, goldens, Tolerance.forecast, golden.name)
    }
  }

  @Test func bestCoefficients() throws {
    let goldens = try Self.goldens()
    for golden in goldens.models {
      let order = ARIMAOrder(golden.p, golden.d, golden.q)
      let model = try ARIMA(fitting: golden.series, order: order)
      let fitted = golden.fitted
      let tolerance = Tolerance.bestLikelihood
      #expect(abs(model.logLikelihood / fitted.logLikelihood - 1) < tolerance, "\(golden.name)")
      #expect(abs(model.aic / fitted.aic - 1) < tolerance, "\(golden.name)")
      #expect(model.phi.count == golden.p && model.theta.count == golden.q)
      try compare(model, fitted.forecast, goldens, Tolerance.bestForecast, golden.name)
    }
  }

  @Test func statisticOfStationarity() throws {
    let goldens = try Self.goldens()
    for golden in goldens.kpss {
      let model = try #require(goldens.models.first { $0.name == golden.series })
      let statistic = KPSSTest.statistic(model.series, lags: golden.lags)
      #expect(abs(statistic - golden.statistic) < Tolerance.centralDifference, "\(golden.series)")
    }
  }

  @Test(arguments: [("noise", 0), ("walk", 1), ("twice integrated", 2)])
  func orderOfLeastCriterion(_ name: String, _ d: Int) throws {
    let golden = try #require(try Self.goldens().models.first { $0.name == name })
    let selected = try ARIMA(selectedFor: golden.series)
    #expect(selected.order.d == d)
    for (p, q) in [(0, 0), (1, 0), (0, 1), (1, 1), (3, 3)] {
      #expect(try ARIMA(fitting: golden.series, order: ARIMAOrder(p, d, q)).aic >= selected.aic)
    }
  }

  /// A random walk: the last value, and a standard error that grows with the root of the steps.
  @Test func forecastOfAWalk() throws {
    let series: [Double] = [3, 4, 2, 3, 5, 4, 6, 5, 7, 8]
    let model = try ARIMA(fitting: series, order: ARIMAOrder(0, 1, 0))
    let variance = Double(1 + 4 + 1 + 4 + 1 + 4 + 1 + 4 + 1) / 9
    #expect(abs(model.variance - variance) < Tolerance.probability)
    for (step, prediction) in try model.forecast(steps: 3, level: 0.95).enumerated() {
      let error = (variance * Double(step + 1)).squareRoot()
      #expect(abs(prediction.mean - 8) < Tolerance.probability)
      #expect(abs(prediction.standardError - error) < Tolerance.probability)
      #expect(abs(prediction.upper - 8 - 1.959963984540054 * error) < Tolerance.probability)
      #expect(abs(prediction.lower - 8 + 1.959963984540054 * error) < Tolerance.probability)
    }
  }

  @Test func whatCannotBeForecast() throws {
    let short = ForecastError.tooShort(count: 3, minimum: 6)
    #expect(throws: short) { try ARIMA(selectedFor: [1, 2, 1]) }
    #expect(throws: ForecastError.tooShort(count: 0, minimum: 6)) { try ARIMA(selectedFor: []) }
    let flat = Array(repeating: 2.0, count: 30)
    #expect(throws: ForecastError.noVariation(differences: 0)) { try ARIMA(selectedFor: flat) }
    #expect(throws: ForecastError.notFinite) { try ARIMA(selectedFor: flat + [.nan]) }
    let high = ARIMAOrder(6, 0, 0)
    #expect(throws: ForecastError.unsupportedOrder(high)) {
      try ARIMA(fitting: flat, order: high)
    }
    let model = try ARIMA(selectedFor: flat + [3])
    #expect(try model.forecast(steps: -1).isEmpty)
    for level in [0, 1, -1, .nan] {
      #expect(throws: ForecastError.self) { try model.forecast(steps: 1, level: level) }
    }
  }

  /// Series at the borders of the model.
  private static let awkward: [[Double]] = [
    (0..<60).map { Double($0) },
    (0..<60).map { Double($0 * $0) },
    (0..<60).map { Double($0 % 2) },
    (0..<60).map { $0 == 30 ? 1e9 : 0 },
    (0..<60).map { 1e-9 * Double($0 % 7) },
  ]

  /// Whatever comes out, it is a number.
  @Test(arguments: awkward)
  func awkwardSeries(_ series: [Double]) throws {
    let forecast = try ARIMA(selectedFor: series).forecast(steps: 30)
    #expect(forecast.count == 30)
    #expect(forecast.allSatisfy { $0.mean.isFinite && $0.lower <= $0.upper })
  }
}
