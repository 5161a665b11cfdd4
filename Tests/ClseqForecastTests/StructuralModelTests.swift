import ClseqForecast
import ClseqTestSupport
import Foundation
import Testing

@Suite struct StructuralModelTests {
  private struct Goldens: Decodable {
    var steps: Int
    var level: Double
    var models: [Model]

    struct Model: Decodable {
      var name: String
      var series: [Double]
      var hasTrend, hasSeason: Bool
      var variances: StructuralVariances
      var logLikelihood, bestLogLikelihood: Double
      var filtered, smoothed, smoothedVariance: [[Double]]
      var forecast: Forecast

      var components: StructuralComponents {
        StructuralComponents(hasTrend: hasTrend, hasSeason: hasSeason)
      }
    }
    struct Forecast: Decodable {
      var mean, standardError, lower, upper: [Double]
    }
  }

  private static func goldens() throws -> Goldens {
    try JSONDecoder().decode(Goldens.self, from: Data(try Fixture.bytes("structural.json")))
  }

  private func compare(
    _ actual: [[Double]], _ expected: [[Double]], _ name: String
  ) {
    #expect(actual.count == expected.count)
    for (day, (left, right)) in zip(actual, expected).enumerated() {
      #expect(left.count == right.count)
      let error = zip(left, right).map { abs($0 - $1) }.max() ?? .infinity
      #expect(error < Tolerance.smoothedState, "\(name), day \(day)")
    }
  }

  @Test func statesOfGivenVariances() throws {
    for golden in try Self.goldens().models {
      let model = try StructuralModel(
        golden.series, components: golden.components, variances: golden.variances)
      let error = abs(model.logLikelihood - golden.logLikelihood)
      #expect(error < Tolerance.smoothedState, "\(golden.name)")
      let states = model.states(golden.series)
      compare(Array(states.filtered.dropFirst(8)), golden.filtered, golden.name)
      compare(states.smoothed, golden.smoothed, golden.name)
      compare(states.variances, golden.smoothedVariance, golden.name)
    }
  }

  @Test func forecastOfGivenVariances() throws {
    let goldens = try Self.goldens()
    for golden in goldens.models {
      let model = try StructuralModel(
        golden.series, components: golden.components, variances: golden.variances)
      let forecast = try model.forecast(steps: goldens.steps, level: goldens.level)
      let expected = golden.forecast
      compare(
        [
          forecast.map(\.mean), forecast.map(\.standardError), forecast.map(\.lower),
          forecast.map(\.upper),
        ],
        [expected.mean, expected.standardError, expected.lower, expected.upper], golden.name)
    }
  }

  @Test func bestVariances() throws {
    for golden in try Self.goldens().models {
      let model = try StructuralModel(fitting: golden.series, components: golden.components)
      let gap = golden.bestLogLikelihood - model.logLikelihood
      #expect(gap < Tolerance.bestLogLikelihood, "\(golden.name)")
    }
  }

  @Test(arguments: [
    ("walk", "level"), ("counts", "level + season"), ("slope", "level + trend + season"),
  ])
  func componentsOfLeastCriterion(_ name: String, _ components: String) throws {
    let golden = try #require(try Self.goldens().models.first { $0.name == name })
    let model = try StructuralModel(selectedFor: golden.series)
    #expect(model.components.description == components)
  }

  /// The choice of components does not depend on the unit, nor does the forecast.
  @Test func aUnitChangesNoChoice() throws {
    let golden = try #require(try Self.goldens().models.first { $0.name == "slope" })
    let model = try StructuralModel(fitting: golden.series, components: golden.components)
    let hundredfold = try StructuralModel(
      fitting: golden.series.map { 100 * $0 }, components: golden.components)
    for (one, other) in zip(
      try model.forecast(steps: 7), try hundredfold.forecast(steps: 7))
    {
      #expect(abs(other.mean / one.mean / 100 - 1) < Tolerance.bestLikelihood)
      #expect(abs(other.standardError / one.standardError / 100 - 1) < Tolerance.forecast)
    }
    let other = try StructuralModel(
      fitting: golden.series, components: StructuralComponents(hasSeason: true))
    let otherHundredfold = try StructuralModel(
      fitting: golden.series.map { 100 * $0 }, components: StructuralComponents(hasSeason: true))
    let count = Double(golden.series.count)
    // Each of the values after the diffuse days loses log 100.
    for (one, large) in [(model, hundredfold), (other, otherHundredfold)] {
      let days = count - Double(one.components.stateCount)
      let change = (large.aic - one.aic) / (2 * days * log(100))
      #expect(abs(change - 1) < Tolerance.bestLikelihood)
    }
  }

  /// Poisson counts vary more where there are more of them: their roots are chosen, and the ends of the
  /// interval are never below zero.
  @Test func rootsOfCounts() throws {
    var numbers = TestNumbers(seed: 3)
    let series = (0..<200).map { day in
      // A sum of chances: its variance is near its mean.
      let chances = day % 7 < 5 ? 12 : 160
      return Double(numbers.indices(chances, below: 10).filter { $0 == 0 }.count)
    }
    let model = try StructuralModel(selectedFor: series)
    #expect(model.scale == .squareRoot && model.components.hasSeason)
    let forecast = try model.forecast(steps: 14)
    #expect(forecast.allSatisfy { $0.lower >= 0 && $0.lower < $0.mean && $0.mean < $0.upper })
    #expect(forecast.map(\.mean).max()! > 10 && forecast.map(\.mean).min()! < 3)
  }

  @Test func theVarianceOfARoot() {
    // z = 3 ± 0.5: z² has the mean 9.25 and the variance 4 · 9 · 0.25 + 2 · 0.0625.
    let step = CountScale.squareRoot.forecast(mean: 3, variance: 0.25, halfWidth: 2)
    #expect(abs(step.mean - 8.875) < Tolerance.probability)
    #expect(abs(step.standardError - 9.125.squareRoot()) < Tolerance.probability)
    #expect(abs(step.lower - 3.625) < Tolerance.probability)
    #expect(abs(step.upper - 15.625) < Tolerance.probability)
    let low = CountScale.squareRoot.forecast(mean: 0.2, variance: 1, halfWidth: 2)
    #expect(low.lower == 0 && low.upper > 4)
  }

  @Test func seriesThatAreRefused() throws {
    let flat = Array(repeating: 2.0, count: 30)
    #expect(throws: ForecastError.noVariation(differences: 0)) {
      try StructuralModel(selectedFor: flat)
    }
    #expect(throws: ForecastError.notFinite) { try StructuralModel(selectedFor: flat + [.nan]) }
    #expect(throws: ForecastError.tooShort(count: 2, minimum: 7)) {
      try StructuralModel(selectedFor: [1, 2])
    }
    let weekly = StructuralComponents(hasSeason: true)
    #expect(throws: ForecastError.tooShort(count: 13, minimum: 16)) {
      try StructuralModel(fitting: (0..<13).map(Double.init), components: weekly)
    }
    #expect(throws: ForecastError.negative) {
      try StructuralModel(
        fitting: (0..<30).map { Double($0 % 5 - 1) }, components: weekly, scale: .squareRoot)
    }
    let model = try StructuralModel(selectedFor: flat + [3])
    #expect(try model.forecast(steps: -1).isEmpty)
    for level in [0, 1, -1, .nan] {
      #expect(throws: ForecastError.self) { try model.forecast(steps: 1, level: level) }
    }
  }

  /// Series at the borders of the model: variances that are zero, errors that are zero, far values.
  private static let awkward: [[Double]] = [
    (0..<60).map { Double($0) },
    (0..<60).map { Double($0 * $0) },
    (0..<60).map { Double($0 % 7) },
    (0..<60).map { Double($0 % 2) },
    (0..<60).map { $0 == 30 ? 1e9 : 0 },
    (0..<60).map { 1e-9 * Double($0 % 7) },
    (0..<60).map { $0 == 59 ? 1 : 0 },
    (0..<7).map { Double($0 % 2) },
    (0..<60).map { 1e9 + Double($0 % 5) },
  ]

  /// Whatever comes out, it is a number.
  @Test(arguments: awkward)
  func awkwardSeries(_ series: [Double]) throws {
    let forecast = try StructuralModel(selectedFor: series).forecast(steps: 30)
    #expect(forecast.count == 30)
    #expect(
      forecast.allSatisfy { $0.mean.isFinite && $0.upper.isFinite && $0.lower <= $0.upper })
  }
}
