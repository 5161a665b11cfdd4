import ClseqForecast
import ClseqOps
import ClseqTestSupport
import ClseqTraining
import Testing

@Suite struct CountNetworkTests {
  /// Counts near 100 with many at weekends, and a little noise.
  private static func weekly(_ count: Int, noise: Double = 4) -> [Double] {
    var numbers = TestNumbers(seed: 6)
    let draws = numbers.doubles(count)
    return (0..<count).map { day in
      (90 + [0, 0, 5, 10, 20, 60, 40][day % 7] + noise * draws[day]).rounded()
    }
  }

  /// The network learns the week: its errors are a part of those of the mean of a week.
  @Test(arguments: TestBackend.allCases)
  func learnsTheWeek(_ kind: TestBackend) throws {
    let series = Self.weekly(147)
    let known = Array(series.prefix(140))
    let network = try CountNetwork(known, seed: 1, on: try kind.make())
    let forecast = try network.forecast(after: known, steps: 7)
    let errors = zip(forecast, series.suffix(7)).map { abs($0.mean - $1) }
    let mean = series.suffix(7).reduce(0, +) / 7
    let flat = series.suffix(7).map { abs($0 - mean) }
    #expect(errors.reduce(0, +) < 0.4 * flat.reduce(0, +), "\(errors), \(flat)")
    #expect(network.bestEpoch > 0 && network.bestEpoch < network.epochs)
    #expect(forecast.allSatisfy { 0 <= $0.lower && $0.lower < $0.mean && $0.mean < $0.upper })
  }

  @Test(arguments: TestBackend.allCases)
  func aSeedDecides(_ kind: TestBackend) throws {
    let series = Self.weekly(60)
    func forecast(_ seed: UInt64) throws -> [ForecastStep] {
      let backend = try kind.make()
      let network = try CountNetwork(series, seed: seed, on: backend)
      return try network.forecast(after: series, steps: 3)
    }
    let first = try forecast(1)
    #expect(try forecast(1) == first)
    #expect(try forecast(2) != first)
  }

  @Test func memoryIsGivenBack() throws {
    for kind in TestBackend.onDevice {
      let backend = try kind.make()
      let series = Self.weekly(60)
      do {
        let network = try CountNetwork(series, seed: 1, on: backend)
        let before = backend.bytesInUse
        _ = try network.forecast(after: series, steps: 3)
        #expect(backend.bytesInUse == before)
      }
    }
  }

  @Test func seriesThatAreRefused() throws {
    let backend = Backend.reference()
    let series = Self.weekly(60)
    #expect(throws: ForecastError.tooShort(count: 55, minimum: 56)) {
      try CountNetwork(Array(series.prefix(55)), seed: 1, on: backend)
    }
    #expect(throws: ForecastError.notFinite) {
      try CountNetwork(series + [.nan], seed: 1, on: backend)
    }
    #expect(throws: ForecastError.negative) {
      try CountNetwork(series + [-1], seed: 1, on: backend)
    }
    #expect(throws: ForecastError.noVariation(differences: 0)) {
      try CountNetwork(Array(repeating: 3, count: 60), seed: 1, on: backend)
    }
    let network = try CountNetwork(series, seed: 1, on: backend)
    #expect(try network.forecast(after: series, steps: -1).isEmpty)
    #expect(throws: ForecastError.invalidLevel(1)) {
      try network.forecast(after: series, steps: 1, level: 1)
    }
  }

  /// Zeros, one far value, and counts that grow.
  private static let awkward: [[Double]] = [
    (0..<60).map { $0 == 30 ? 1e9 : 0 },
    (0..<60).map { $0 % 9 == 0 ? 1 : 0 },
    (0..<60).map { Double($0 * $0) },
  ]

  /// Whatever comes out, it is a number.
  @Test(arguments: awkward)
  func awkwardSeries(_ series: [Double]) throws {
    let network = try CountNetwork(series, seed: 1, on: Backend.reference())
    let forecast = try network.forecast(after: series, steps: 20)
    #expect(forecast.allSatisfy { $0.mean.isFinite && $0.upper.isFinite && $0.lower >= 0 })
  }

  @Test func theGradientIsThatOfTheLoss() {
    var numbers = TestNumbers(seed: 2)
    let targets = numbers.doubles(5)
    let outputs = numbers.floats(10)
    let rows = 1..<4
    let gradient = GaussianRows(outputs, targets).gradient(of: rows)
    for place in outputs.indices {
      func loss(_ change: Float) -> Double {
        var moved = outputs
        moved[place] += change
        return GaussianRows(moved, targets).mean(of: rows)
      }
      let slope = (loss(1e-2) - loss(-1e-2)) / 2e-2
      #expect(abs(Double(gradient[place]) - slope) < Tolerance.gaussianSlope, "\(place)")
    }
  }
}
