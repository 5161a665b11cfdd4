#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A structural model of a series of daily numbers: a level, a trend and a weekly season, each of which may
/// change from day to day.
///
///     y_t = μ_t + γ_t + ε_t                    ε_t ~ N(0, σ²_ε)
///     μ_{t+1} = μ_t + ν_t + η_t                η_t ~ N(0, σ²_η)
///     ν_{t+1} = ν_t + ζ_t                      ζ_t ~ N(0, σ²_ζ)
///     γ_{t+1} = −(γ_t + … + γ_{t−5}) + ω_t     ω_t ~ N(0, σ²_ω)
///
/// All first states are diffuse (`DiffuseFilter`). Source: Harvey, Forecasting, structural time series models
/// and the Kalman filter, 1989, sections 2.3 and 4.1. This is the model of statsmodels'
/// `UnobservedComponents` with `use_exact_diffuse`.
public struct StructuralModel: Sendable {
  /// The components.
  public let components: StructuralComponents
  /// The numbers that the model is of.
  public let scale: CountScale
  /// The variances of maximum likelihood, on that scale.
  public let variances: StructuralVariances
  /// The logarithm of the diffuse likelihood of the series, on the scale of the model.
  public let logLikelihood: Double
  /// Akaike's criterion, 2 k − 2 log L, where k is the number of variances and L the likelihood of the
  /// counts after the first days, given those. Comparable between models of one series that leave out
  /// equally many days, whatever their components and scale.
  public let aic: Double
  /// After the last day.
  private let filter: DiffuseFilter

  /// Fits the variances of a model with given components.
  ///
  /// - Parameters:
  ///   - series: Values of days, at least ``StructuralComponents/minimumCount``.
  ///   - components: The components.
  ///   - scale: The numbers that the model is of.
  /// - Throws: `ForecastError.notFinite`, `.negative`, `.tooShort` and `.noVariation`.
  public init(
    fitting series: [Double], components: StructuralComponents, scale: CountScale = .counts
  ) throws(ForecastError) {
    self = try Self(fitting: series, components, scale, omitting: components.stateCount)
  }

  /// The model with given variances.
  ///
  /// - Throws: `ForecastError.notFinite`, `.tooShort` and `.noVariation`.
  package init(
    _ series: [Double], components: StructuralComponents, variances: StructuralVariances
  ) throws(ForecastError) {
    try Self.check(series, components, .counts)
    self.init(series, components, .counts, variances, omitting: components.stateCount)
  }

  /// - Parameter omitted: The number of first days that the AIC leaves out.
  init(
    fitting series: [Double], _ components: StructuralComponents, _ scale: CountScale,
    omitting omitted: Int
  ) throws(ForecastError) {
    try Self.check(series, components, scale)
    let search = VarianceSearch(scale.transformed(series), components)
    self.init(series, components, scale, search.best(), omitting: omitted)
  }

  private init(
    _ series: [Double], _ components: StructuralComponents, _ scale: CountScale,
    _ variances: StructuralVariances, omitting omitted: Int
  ) {
    var filter = DiffuseFilter(components, variances)
    var (all, compared) = (0.0, 0.0)
    for (day, value) in scale.transformed(series).enumerated() {
      let taken = filter.take(value)
      let isDiffuse = taken.diffuseVariance > 0
      let spread = isDiffuse ? taken.diffuseVariance : taken.variance
      var term = -0.5 * log(2 * .pi * spread)
      if !isDiffuse { term -= taken.error * taken.error / (2 * spread) }
      all += term
      if day >= omitted { compared += term + scale.logDerivative(series[day]) }
    }
    self.components = components
    self.scale = scale
    self.variances = variances
    self.filter = filter
    logLikelihood = all
    aic = 2 * Double(components.varianceCount) - 2 * compared
  }

  /// Forecasts the days after the end of the series, the next first.
  ///
  /// - Parameters:
  ///   - steps: The number of days, clamped to 0 … ``ForecastStep/maximumCount``.
  ///   - level: The probability that the interval holds the value, above 0 and below 1.
  /// - Throws: `ForecastError.invalidLevel`.
  public func forecast(
    steps: Int, level: Double = 0.95
  ) throws(ForecastError) -> [ForecastStep] {
    let width = try NormalQuantile.halfWidth(checked: level)
    var filter = filter
    return (0..<max(0, min(steps, ForecastStep.maximumCount))).map { _ in
      defer { filter.predict() }
      let (mean, variance) = filter.prediction
      return scale.forecast(mean: mean, variance: variance, halfWidth: width)
    }
  }

  private static func check(
    _ series: [Double], _ components: StructuralComponents, _ scale: CountScale
  ) throws(ForecastError) {
    guard series.allSatisfy(\.isFinite) else { throw .notFinite }
    guard series.count >= components.minimumCount else {
      throw .tooShort(count: series.count, minimum: components.minimumCount)
    }
    if scale == .squareRoot, series.contains(where: { $0 < 0 }) { throw .negative }
    if series.allSatisfy({ $0 == series[0] }) { throw .noVariation(differences: 0) }
  }
}

extension StructuralModel {
  /// Chooses components and scale, and fits the model.
  ///
  /// All of ``StructuralComponents/all`` for which the series is long enough are fitted to the counts and to
  /// their roots. The minimum AIC wins. The first days, as many as the largest of these models has states, are
  /// left out of it: they say nothing about that model's variances, and a likelihood that counted them would
  /// depend on the unit of the counts.
  ///
  /// - Parameter series: Values of days.
  /// - Throws: `ForecastError.notFinite`, `.tooShort` and `.noVariation`.
  public init(selectedFor series: [Double]) throws(ForecastError) {
    let candidates = StructuralComponents.all.filter { $0.minimumCount <= series.count }
    let omitted = candidates.map(\.stateCount).max() ?? 0
    let scales = CountScale.allCases.filter { $0 == .counts || series.allSatisfy { $0 >= 0 } }
    var best = try Self(
      fitting: series, candidates.first ?? StructuralComponents(), .counts, omitting: omitted)
    for scale in scales {
      for components in candidates where (scale, components) != (best.scale, best.components) {
        let model = try Self(fitting: series, components, scale, omitting: omitted)
        if model.aic < best.aic { best = model }
      }
    }
    self = best
  }
}

extension StructuralModel {
  /// [day] the states given the days so far, and given all days, with the variances of the latter, on the
  /// scale of the model: level, slope, and the effects of the day and the five before.
  ///
  /// - Parameter series: The series of the model.
  package func states(
    _ series: [Double]
  ) -> (filtered: [[Double]], smoothed: [[Double]], variances: [[Double]]) {
    var filter = DiffuseFilter(components, variances)
    let steps = filter.steps(scale.transformed(series))
    let smoother = DiffuseSmoother(steps, filter.transition, keepsStates: true)
    return (
      steps.map { $0.filtered(filter.transition) }, smoother.states, smoother.variances
    )
  }
}

extension DiffuseFilter.Step {
  /// The state after the day is seen.
  fileprivate func filtered(_ transition: StructuralTransition) -> [Double] {
    var gain = state
    let isDiffuse = diffuseVariance > 0
    transition.observed(isDiffuse ? diffuse ?? covariance : covariance, into: &gain)
    let scale = error / (isDiffuse ? diffuseVariance : variance)
    return zip(state, gain).map { $0 + $1 * scale }
  }
}
