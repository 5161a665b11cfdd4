#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The Kalman filter of a structural model from an exact diffuse start.
///
/// The covariance of the prediction is κ P∞ + P* with κ → ∞. With M = P Z and F = Zᵀ M for each of the
/// two (and F* + σ²_ε), while F∞ > 0:
///
///     a ← T (a + M∞ v / F∞),   P∞ ← T (P∞ − M∞ M∞ᵀ / F∞) Tᵀ
///     P* ← T (P* − (M∞ M*ᵀ + M* M∞ᵀ) / F∞ + M∞ M∞ᵀ F* / F∞²) Tᵀ + Q
///
/// and afterwards the ordinary filter. Source: Durbin and Koopman, Time series analysis by state space
/// methods, 2nd edition, sections 5.2 and 7.2.2; the likelihood is theirs, with log F∞ for a diffuse day.
struct DiffuseFilter {
  /// F∞ at or below this is zero: it is a sum of a few numbers of size one.
  private static let diffuseTolerance = 1e-9

  /// The prediction for one day, before the day is seen.
  struct Step {
    let state: [Double]
    let covariance: SquareMatrix
    /// P∞; nil after the diffuse days.
    let diffuse: SquareMatrix?
    /// v, the error of the prediction.
    let error: Double
    /// F*.
    let variance: Double
    /// F∞; zero on an ordinary day.
    let diffuseVariance: Double
  }

  let transition: StructuralTransition
  private let irregular: Double
  private let noise: [(state: Int, variance: Double)]
  /// a, P* and P∞ of the next day.
  private(set) var state: [Double]
  private(set) var covariance: SquareMatrix
  private(set) var diffuse: SquareMatrix?
  /// Σ v² / F and Σ log F of the ordinary days, and their number.
  private(set) var squares = 0.0
  private(set) var determinant = 0.0
  private(set) var ordinaryCount = 0
  /// Σ log F∞ of the diffuse days.
  private(set) var diffuseDeterminant = 0.0
  private var mean: [Double]
  private var diffuseMean: [Double]

  init(_ components: StructuralComponents, _ variances: StructuralVariances) {
    transition = StructuralTransition(components: components)
    irregular = variances.irregular
    noise = Array(zip(components.noisyStates, variances.values(of: components).dropFirst()))
    let size = components.stateCount
    state = Array(repeating: 0, count: size)
    (mean, diffuseMean) = (state, state)
    covariance = SquareMatrix(size: size)
    diffuse = covariance.identity
  }

  /// Takes in a day's value; v, F* and F∞ of its prediction.
  @discardableResult mutating func take(
    _ value: Double
  ) -> (error: Double, variance: Double, diffuseVariance: Double) {
    let error = value - transition.observed(state)
    transition.observed(covariance, into: &mean)
    // Rounding may leave a variance of nothing a little below it.
    let variance = max(transition.observed(mean) + irregular, .leastNormalMagnitude)
    var diffuseVariance = 0.0
    if let diffuse {
      transition.observed(diffuse, into: &diffuseMean)
      diffuseVariance = transition.observed(diffuseMean)
      if diffuseVariance <= Self.diffuseTolerance { diffuseVariance = 0 }
    }
    if diffuseVariance > 0 {
      diffuseUpdate(error, variance, diffuseVariance)
    } else {
      squares += error * error / variance
      determinant += log(variance)
      ordinaryCount += 1
      covariance.addProduct(mean, mean, times: -1 / variance)
      for index in state.indices { state[index] += mean[index] * error / variance }
    }
    predict()
    return (error, variance, diffuseVariance)
  }

  /// Takes in all values and keeps the predictions.
  mutating func steps(_ series: [Double]) -> [Step] {
    series.map { value in
      let (state, covariance, diffuse) = (state, covariance, diffuse)
      let taken = take(value)
      return Step(
        state: state, covariance: covariance, diffuse: diffuse, error: taken.error,
        variance: taken.variance, diffuseVariance: taken.diffuseVariance)
    }
  }

  private mutating func diffuseUpdate(
    _ error: Double, _ variance: Double, _ diffuseVariance: Double
  ) {
    diffuseDeterminant += log(diffuseVariance)
    for index in state.indices { state[index] += diffuseMean[index] * error / diffuseVariance }
    covariance.addProduct(diffuseMean, mean, times: -1 / diffuseVariance)
    covariance.addProduct(mean, diffuseMean, times: -1 / diffuseVariance)
    covariance.addProduct(
      diffuseMean, diffuseMean, times: variance / (diffuseVariance * diffuseVariance))
    diffuse?.addProduct(diffuseMean, diffuseMean, times: -1 / diffuseVariance)
    // A start in m dimensions is known after m diffuse days.
    if let rest = diffuse, (0..<rest.size).allSatisfy({ rest[$0, $0] <= Self.diffuseTolerance }) {
      diffuse = nil
    }
  }

  /// From a day to the next. Also the forecast of days that are not seen.
  mutating func predict() {
    transition.apply(&state)
    transition.apply(toBothSidesOf: &covariance)
    for (state, variance) in noise { covariance[state, state] += variance }
    if var matrix = diffuse.take() {
      transition.apply(toBothSidesOf: &matrix)
      diffuse = matrix
    }
  }

  /// The mean and the variance of the next day's value, after the diffuse days.
  var prediction: (mean: Double, variance: Double) {
    let spread = transition.observedStates.reduce(0.0) { sum, row in
      sum + transition.observedStates.reduce(0.0) { $0 + covariance[row, $1] }
    }
    return (transition.observed(state), max(0, spread) + irregular)
  }
}
