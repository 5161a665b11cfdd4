#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The variances of maximum likelihood: steps of EM, then a search on the concentrated likelihood.
///
/// A step of EM sets σ² ← σ² + σ⁴ (mean of u² − D), by the disturbance smoother (`DiffuseSmoother`). It never
/// goes below zero and never lowers the likelihood, but nears a maximum slowly. Sources: Shumway and Stoffer, An approach to
/// time series smoothing and forecasting using the EM algorithm, Journal of Time Series Analysis 1982; Koopman 1993.
///
/// The search is over the shares x_i² / Σ x² of the variances, which may become zero. Their scale follows from
/// the shares: with errors v and variances F of the n − d days that are not diffuse, σ² = Σ (v² / F) / (n − d), and
///
///     log L = −½ (n log 2π + Σ log F∞ + Σ log F + (n − d) (log σ² + 1))
struct VarianceSearch {
  private static let steps = 12
  /// The scale's smallest value, in variances of the series: a series that the model meets exactly has
  /// no finite likelihood otherwise.
  private static let minimumScale = 1e-10
  /// Shares from which the search starts besides the result of EM: a level that moves, and a slope and a
  /// season that hardly do.
  private static let otherStart = [0.3, 1, 0.01, 0.01]

  private let series: [Double]
  private let components: StructuralComponents
  private let floor: Double

  /// - Parameter series: Not constant.
  init(_ series: [Double], _ components: StructuralComponents) {
    self.series = series
    self.components = components
    let count = Double(series.count)
    let mean = series.reduce(0, +) / count
    floor = Self.minimumScale * series.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
  }

  func best() -> StructuralVariances {
    let search = QuasiNewton { -likelihood($0).logLikelihood / Double(series.count) }
    let starts = [expectationMaximisation(), Self.otherStart(components.varianceCount)]
    let ends = starts.map { start in
      let largest = (start.max() ?? 1)
      return search.minimum(from: start.map { ($0 / largest).squareRoot() })
    }
    let best = ends[0].value <= ends[1].value ? ends[0] : ends[1]
    let scale = likelihood(best.point).scale
    return StructuralVariances(Self.shares(best.point).map { $0 * scale }, of: components)
  }

  private static func otherStart(_ count: Int) -> [Double] { Array(otherStart.prefix(count)) }

  /// The concentrated likelihood of unconstrained numbers, and σ².
  private func likelihood(_ point: [Double]) -> (logLikelihood: Double, scale: Double) {
    var filter = DiffuseFilter(
      components, StructuralVariances(Self.shares(point), of: components))
    for value in series { filter.take(value) }
    let count = Double(filter.ordinaryCount)
    let scale = max(filter.squares / count, floor)
    let sum =
      Double(series.count) * log(2 * .pi) + filter.diffuseDeterminant + filter.determinant
      + count * log(scale) + filter.squares / scale
    return (-sum / 2, scale)
  }

  private static func shares(_ point: [Double]) -> [Double] {
    let sum = point.reduce(0) { $0 + $1 * $1 }
    return point.map { $0 * $0 / sum }
  }

  /// A number per variance after some steps, from shares of the mean square of the differences.
  private func expectationMaximisation() -> [Double] {
    let differences = series.differences
    let square = differences.reduce(0) { $0 + $1 * $1 } / Double(differences.count)
    var values = [0.3, 0.1, 1e-3, 1e-2].prefix(components.varianceCount).map { $0 * square }
    for _ in 0..<Self.steps {
      var filter = DiffuseFilter(components, StructuralVariances(values, of: components))
      let steps = filter.steps(series)
      let smoother = DiffuseSmoother(steps, filter.transition, keepsStates: false)
      let count = Double(series.count)
      values[0] += values[0] * values[0] * smoother.irregularScore / count
      for (index, score) in smoother.stateScores.enumerated() {
        values[index + 1] += values[index + 1] * values[index + 1] * score / (count - 1)
      }
      values = values.map { max($0, floor) }
    }
    return values
  }
}
