/// The states of a structural model given all days, and the means that EM needs, from one pass back over
/// the filter's steps.
///
/// For an ordinary day, with k = M / F, A = I − k Zᵀ, s = Tᵀ r and S = Tᵀ N T:
///
///     r ← Z v / F + Aᵀ s,   N ← Z Zᵀ / F + Aᵀ S A
///     α̂ = a + P r,   V = P − P N P,   u = v / F − kᵀ s,   D = 1 / F + kᵀ S k
///
/// For a diffuse day r and N are expanded in 1/κ: r₀ + r₁/κ and N₀ + N₁/κ + N₂/κ². Source: Durbin and
/// Koopman, sections 4.5 and 5.3 and 5.4 (fixed-interval smoothing).
struct DiffuseSmoother {
  /// [day] the smoothed states, and their variances.
  private(set) var states: [[Double]] = []
  private(set) var variances: [[Double]] = []
  /// Σ (u² − D) over the days, and Σ (r² − N) over the steps between days for each state with noise:
  /// twice the derivatives of the log-likelihood by the variances. Source: Koopman, Disturbance smoother
  /// for state space models, Biometrika 1993.
  private(set) var irregularScore = 0.0
  private(set) var stateScores: [Double]

  private let transition: StructuralTransition
  private var r0, r1: [Double]
  private var n0, n1, n2: SquareMatrix

  /// - Parameter keepsStates: Whether `states` and `variances` are wanted beside the scores.
  init(_ steps: [DiffuseFilter.Step], _ transition: StructuralTransition, keepsStates: Bool) {
    let components = transition.components
    let zeros = [Double](repeating: 0, count: components.stateCount)
    self.transition = transition
    (r0, r1) = (zeros, zeros)
    n0 = SquareMatrix(size: zeros.count)
    (n1, n2) = (n0, n0)
    stateScores = components.noisyStates.map { _ in 0 }
    for step in steps.reversed() {
      for (index, state) in components.noisyStates.enumerated() {
        stateScores[index] += r0[state] * r0[state] - n0[state, state]
      }
      goBack()
      if step.diffuseVariance > 0 { takeDiffuse(step) } else { takeOrdinary(step) }
      if keepsStates { keep(step) }
    }
    states.reverse()
    variances.reverse()
  }

  /// s = Tᵀ r and S = Tᵀ N T, in place.
  private mutating func goBack() {
    transition.applyTransposed(&r0)
    transition.applyTransposed(&r1)
    transition.applyTransposed(toBothSidesOf: &n0)
    transition.applyTransposed(toBothSidesOf: &n1)
    transition.applyTransposed(toBothSidesOf: &n2)
  }

  private mutating func takeOrdinary(_ step: DiffuseFilter.Step) {
    let gain = gain(step.covariance, 1 / step.variance)
    let u = step.error / step.variance - dot(gain, r0)
    let spread = dot(gain, n0 * gain) + 1 / step.variance
    irregularScore += u * u - spread
    add(u, to: &r0)
    n0 = n0.sandwiched(by: gain, transition.observedStates)
    addSquare(1 / step.variance, to: &n0)
    guard step.diffuse != nil else { return }
    // A day on which no diffuse state is seen, between others on which some are.
    add(-dot(gain, r1), to: &r1)
    n1 = n1.sandwiched(by: gain, transition.observedStates)
    n2 = n2.sandwiched(by: gain, transition.observedStates)
  }

  private mutating func takeDiffuse(_ step: DiffuseFilter.Step) {
    guard let diffuse = step.diffuse else { return }
    let scale = 1 / step.diffuseVariance
    let gain = gain(diffuse, scale)
    let second = zip(self.gain(step.covariance, scale), gain).map {
      $0 - $1 * step.variance * scale
    }
    let u = -dot(gain, r0)
    irregularScore += u * u - dot(gain, n0 * gain)
    add(step.error * scale - dot(gain, r1) - dot(second, r0), to: &r1)
    add(u, to: &r0)
    let zero = SquareMatrix(size: gain.count)
    let a = zero.identity.minus(gain, transition.observedStates)
    let b = zero.minus(second, transition.observedStates)
    let (aT, bT) = (a.transposed, b.transposed)
    n2 = aT * n2 * a + aT * n1 * b + bT * n1 * a + bT * n0 * b
    n1 = aT * n1 * a + bT * n0 * a + aT * n0 * b
    n0 = aT * n0 * a
    addSquare(scale, to: &n1)
    addSquare(-step.variance * scale * scale, to: &n2)
  }

  private mutating func keep(_ step: DiffuseFilter.Step) {
    let p = step.covariance
    var state = zip(step.state, p * r0).map { $0 + $1 }
    var spread = p * n0 * p
    if let diffuse = step.diffuse {
      state = zip(state, diffuse * r1).map { $0 + $1 }
      let cross = diffuse * n1 * p
      spread = spread + cross + cross.transposed + diffuse * n2 * diffuse
    }
    states.append(state)
    variances.append(state.indices.map { p[$0, $0] - spread[$0, $0] })
  }

  /// P Z times a number.
  private func gain(_ covariance: SquareMatrix, _ scale: Double) -> [Double] {
    var result = [Double](repeating: 0, count: covariance.size)
    transition.observed(covariance, into: &result)
    return result.map { $0 * scale }
  }

  /// x + Z times a number.
  private func add(_ number: Double, to x: inout [Double]) {
    for state in transition.observedStates { x[state] += number }
  }

  /// N + Z Zᵀ times a number.
  private func addSquare(_ number: Double, to matrix: inout SquareMatrix) {
    for row in transition.observedStates {
      for column in transition.observedStates { matrix[row, column] += number }
    }
  }

  private func dot(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

extension SquareMatrix {
  /// The matrix − k Zᵀ, where Z has ones at `columns`.
  fileprivate func minus(_ gain: [Double], _ columns: [Int]) -> SquareMatrix {
    var result = self
    for row in 0..<size {
      for column in columns { result[row, column] -= gain[row] }
    }
    return result
  }

  /// (I − k Zᵀ)ᵀ S (I − k Zᵀ) of a symmetric S, where Z has ones at `places`.
  fileprivate func sandwiched(by gain: [Double], _ places: [Int]) -> SquareMatrix {
    let mapped = self * gain
    let square = zip(gain, mapped).reduce(0) { $0 + $1.0 * $1.1 }
    var result = self
    for place in places {
      for index in 0..<size {
        result[place, index] -= mapped[index]
        result[index, place] -= mapped[index]
      }
      for other in places { result[place, other] += square }
    }
    return result
  }
}
