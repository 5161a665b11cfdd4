extension ARIMA {
  /// Forecasts the steps after the end of the series, the next first.
  ///
  /// The differences that were taken are undone in the state: with d = 2 it is (y_{t−1}, Δy_{t−1},
  /// α_t), and y_t is the sum of the first three. The levels are known exactly, so their
  /// covariance starts from zero. Source: Durbin and Koopman, sections 3.4 and 4.11.
  ///
  /// - Parameters:
  ///   - steps: The number of steps, clamped to 0 … ``ForecastStep/maximumCount``.
  ///   - level: The probability that the interval holds the value, above 0 and below 1.
  /// - Throws: `ForecastError.invalidLevel`.
  public func forecast(
    steps: Int, level: Double = 0.95
  ) throws(ForecastError) -> [ForecastStep] {
    let width = try NormalQuantile.halfWidth(checked: level)
    let process = ARMAProcess(phi: phi, theta: theta)
    let transition = integrated(process.transition)
    let noise = SquareMatrix(squareOf: levels.map { _ in 0 } + process.impulse)
    var state = levels + self.state
    var covariance = padded(self.covariance)
    return (0..<max(0, min(steps, ForecastStep.maximumCount))).map { _ in
      let mean = self.mean + state[...order.d].reduce(0, +)
      var spread = 0.0
      for row in 0...order.d {
        for column in 0...order.d { spread += covariance[row, column] }
      }
      let error = (variance * spread).squareRoot()
      state = transition * state
      covariance = transition * covariance * transition.transposed + noise
      return ForecastStep(mean: mean, standardError: error, halfWidth: width)
    }
  }

  /// T with d levels before the states of the process: each level grows by all that follow up to
  /// the first of those.
  private func integrated(_ process: SquareMatrix) -> SquareMatrix {
    var result = padded(process)
    for row in 0..<order.d {
      for column in row...order.d { result[row, column] = 1 }
    }
    return result
  }

  /// The matrix with d rows and columns of zeros before its own.
  private func padded(_ matrix: SquareMatrix) -> SquareMatrix {
    var result = SquareMatrix(size: order.d + matrix.size)
    for row in 0..<matrix.size {
      for column in 0..<matrix.size {
        result[order.d + row, order.d + column] = matrix[row, column]
      }
    }
    return result
  }
}
