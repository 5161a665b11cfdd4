/// A stationary ARMA(p, q) process of zero mean and innovations of variance one, in state-space
/// form.
///
///     y_t = φ₁ y_{t−1} + … + φ_p y_{t−p} + ε_t + θ₁ ε_{t−1} + … + θ_q ε_{t−q}
///     y_t = (1 0 … 0) α_t,   α_{t+1} = T α_t + R ε_{t+1}
///
/// with r = max(p, q + 1) states, T the companion matrix (φ in its first column, ones above the
/// diagonal) and R = (1, θ₁ … θ_{r−1}). Source: Durbin and Koopman, Time series analysis by state
/// space methods, 2nd edition, section 3.4; the form is Harvey's.
struct ARMAProcess: Sendable {
  /// φ and R, both with r numbers, zeros where the order is lower.
  let phi: [Double]
  let impulse: [Double]

  init(phi: [Double], theta: [Double]) {
    let size = max(phi.count, theta.count + 1)
    self.phi = phi + Array(repeating: 0, count: size - phi.count)
    impulse = [1] + theta + Array(repeating: 0, count: size - 1 - theta.count)
  }

  /// r.
  var stateCount: Int { phi.count }

  /// T.
  var transition: SquareMatrix {
    var result = SquareMatrix(size: stateCount)
    for row in 0..<stateCount {
      result[row, 0] = phi[row]
      if row + 1 < stateCount { result[row, row + 1] = 1 }
    }
    return result
  }

  /// The covariance P of the state before the first value, P = T P Tᵀ + R Rᵀ, by doubling: after k
  /// steps P is the sum of the first 2ᵏ terms Tⁿ R Rᵀ (Tⁿ)ᵀ. The result is not finite for a
  /// process at the border of stationarity.
  var stationaryCovariance: SquareMatrix {
    var covariance = SquareMatrix(squareOf: impulse)
    var power = transition
    // 2⁴⁰ terms are enough for roots within 1e-11 of the unit circle.
    for _ in 0..<40 {
      let next = covariance + power * covariance * power.transposed
      if next.values == covariance.values { break }
      covariance = next
      power = power * power
    }
    return covariance
  }

  /// The result of the Kalman filter over several series.
  struct Filtered {
    /// [series][t] the errors v_t of the predictions one step ahead.
    var errors: [[Double]]
    /// [t] their variances F_t, of innovations of variance one; the same for all series.
    var variances: [Double]
    /// [series] the prediction of the state after the last value, and its covariance.
    var states: [[Double]]
    var covariance: SquareMatrix
  }

  /// Runs the Kalman filter over series of equal length. The covariance depends on no value, so one
  /// run serves all of them.
  func filter(_ series: [[Double]]) -> Filtered {
    let count = series.first?.count ?? 0
    var result = Filtered(
      errors: series.map { $0.map { _ in 0 } }, variances: Array(repeating: 0, count: count),
      states: series.map { _ in Array(repeating: 0, count: stateCount) },
      covariance: stationaryCovariance)
    let noise = SquareMatrix(squareOf: impulse)
    var gain = Array(repeating: 1.0, count: stateCount)
    for time in 0..<count {
      let variance = result.covariance[0, 0]
      for row in 1..<stateCount { gain[row] = result.covariance[row, 0] / variance }
      for (index, values) in series.enumerated() {
        let error = values[time] - result.states[index][0]
        result.errors[index][time] = error
        predict(&result.states[index], after: values[time], gain, error)
      }
      result.variances[time] = variance
      predict(&result.covariance, gain, variance, noise)
    }
    return result
  }

  /// a ← T (a + K v); the first state is then the value itself.
  private func predict(
    _ state: inout [Double], after value: Double, _ gain: [Double], _ error: Double
  ) {
    for row in 0..<stateCount - 1 {
      state[row] = phi[row] * value + state[row + 1] + gain[row + 1] * error
    }
    state[stateCount - 1] = phi[stateCount - 1] * value
  }

  /// P ← T (P − K F Kᵀ) Tᵀ + R Rᵀ. The value met is known, so the first row and column vanish
  /// before T shifts the others up and to the left.
  private func predict(
    _ covariance: inout SquareMatrix, _ gain: [Double], _ variance: Double, _ noise: SquareMatrix
  ) {
    let last = stateCount - 1
    for row in 0..<last {
      for column in 0..<last {
        let known = variance * gain[row + 1] * gain[column + 1]
        covariance[row, column] =
          noise[row, column] + covariance[row + 1, column + 1] - known
      }
    }
    for index in 0...last {
      covariance[index, last] = noise[index, last]
      covariance[last, index] = noise[last, index]
    }
  }
}
