import ClseqForecast
import ClseqTestSupport
import Testing

@Suite struct BacktestTests {
  /// Four weeks of which each is two higher than the one before: the seasonal naive error is 2.
  private static let stairs = (0..<28).map { Double(2 * ($0 / 7) + $0 % 7) }

  @Test func scoresOfKnownErrors() throws {
    let test = try Backtest(Self.stairs, origins: 3, horizon: 2, level: 0.9)
    #expect(test.knownCounts == 24..<27)
    var seen: [Int] = []
    let scores = test.scores { known -> [ForecastStep] in
      seen.append(known.count)
      #expect(known == Array(Self.stairs.prefix(known.count)))
      // The first day exactly, in an interval of width 1; the second 3 too high, outside of one of width 2.
      let (first, second) = (Self.stairs[known.count], Self.stairs[known.count + 1])
      return [
        ForecastStep(mean: first, standardError: 1, lower: first - 0.5, upper: first + 0.5),
        ForecastStep(mean: second + 3, standardError: 1, lower: second + 1, upper: second + 3),
      ]
    }
    #expect(seen == [24, 25, 26])
    #expect(scores.count == 6)
    let mase = try #require(scores.mase)
    #expect(abs(mase - 0.75) < Tolerance.probability)
    #expect(abs(scores.rmse - 4.5.squareRoot()) < Tolerance.probability)
    #expect(scores.coverage == 0.5 && scores.meanWidth == 1.5)
  }

  @Test func seasonalNaive() throws {
    let forecast = try SeasonalNaive.forecast(Self.stairs, steps: 9, level: 0.95)
    #expect(forecast.map(\.mean) == [6, 7, 8, 9, 10, 11, 12, 6, 7])
    // The mean square of the errors is 4; two weeks ahead it is twice that.
    #expect(forecast[6].standardError == 2)
    #expect(abs(forecast[7].standardError - 8.0.squareRoot()) < Tolerance.probability)
    #expect(abs(forecast[0].upper - 6 - 2 * 1.959963984540054) < Tolerance.probability)
    #expect(throws: ForecastError.tooShort(count: 7, minimum: 8)) {
      try SeasonalNaive.forecast(Array(Self.stairs.prefix(7)), steps: 1)
    }
    #expect(throws: ForecastError.invalidLevel(1)) {
      try SeasonalNaive.forecast(Self.stairs, steps: 1, level: 1)
    }
  }

  /// Weeks that repeat exactly have no naive error to divide by.
  @Test func noScale() throws {
    let test = try Backtest((0..<30).map { Double($0 % 7) }, origins: 2, horizon: 3)
    let scores = try test.scores { try SeasonalNaive.forecast($0, steps: 3) }
    #expect(scores.mase == nil && scores.rmse == 0 && scores.coverage == 1)
  }

  @Test func testsThatAreRefused() throws {
    #expect(Backtest.maximumOrigins(count: 28, horizon: 7) == 8)
    _ = try Backtest(Self.stairs, origins: 8, horizon: 7)
    for (origins, horizon) in [(9, 7), (0, 7), (-1, 7), (1, 0), (1, 15), (1, .max)] {
      let error = ForecastError.tooManyOrigins(origins, horizon: horizon, count: 28)
      #expect(throws: error) { try Backtest(Self.stairs, origins: origins, horizon: horizon) }
      #expect(!error.description.isEmpty)
    }
    #expect(throws: ForecastError.notFinite) {
      try Backtest(Self.stairs + [.infinity], origins: 1, horizon: 1)
    }
    #expect(throws: ForecastError.invalidLevel(0)) {
      try Backtest(Self.stairs, origins: 1, horizon: 1, level: 0)
    }
  }

  @Test func quantilesOfSamples() throws {
    let step = try ForecastStep(samples: (0...100).reversed().map(Double.init), level: 0.9)
    #expect(step.mean == 50 && abs(step.lower - 5) < 1e-9 && abs(step.upper - 95) < 1e-9)
    #expect(abs(step.standardError - 850.0.squareRoot()) < Tolerance.probability)
    let one = try ForecastStep(samples: [4], level: 0.5)
    #expect(one.mean == 4 && one.lower == 4 && one.upper == 4)
    #expect(throws: ForecastError.invalidLevel(2)) {
      try ForecastStep(samples: [4], level: 2)
    }
  }
}
