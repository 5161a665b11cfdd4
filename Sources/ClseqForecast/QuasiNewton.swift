/// Minimises a smooth function of a few variables: BFGS with central differences and backtracking.
///
/// Source: Nocedal and Wright, Numerical optimization, 2nd edition, algorithms 3.1 and 6.1. A value
/// that is not finite counts as infinite, so the search steps back from it.
struct QuasiNewton {
  private static let maximumIterations = 200
  /// Stops where no partial derivative is larger.
  private static let gradientTolerance = 1e-7
  /// Of central differences: truncation and rounding are both near 1e-10 for values near one.
  private static let differenceStep = 1e-5
  /// The share of the predicted decrease that a step must achieve (Armijo).
  private static let sufficientDecrease = 1e-4

  let function: ([Double]) -> Double

  /// The best point of a descent from `start`, and the value there.
  func minimum(from start: [Double]) -> (point: [Double], value: Double) {
    var (point, value) = (start, value(at: start))
    var slope = gradient(at: point)
    let identity = SquareMatrix(size: start.count).identity
    var inverse = identity
    for _ in 0..<Self.maximumIterations {
      guard slope.contains(where: { abs($0) > Self.gradientTolerance }) else { break }
      var direction = (inverse * slope).map { -$0 }
      if dot(direction, slope) >= 0 {
        inverse = identity
        direction = slope.map { -$0 }
      }
      guard let next = step(from: point, value, along: direction, slope: dot(direction, slope))
      else { break }
      let nextSlope = gradient(at: next.point)
      update(
        &inverse, step: zip(next.point, point).map { $0 - $1 },
        change: zip(nextSlope, slope).map { $0 - $1 })
      (point, value, slope) = (next.point, next.value, nextSlope)
    }
    return (point, value)
  }

  /// Halves the step until the decrease is sufficient; nil if it never is.
  private func step(
    from point: [Double], _ value: Double, along direction: [Double], slope: Double
  ) -> (point: [Double], value: Double)? {
    var length = 1.0
    while length > 1e-12 {
      let candidate = zip(point, direction).map { $0 + length * $1 }
      let reached = self.value(at: candidate)
      if reached < value + Self.sufficientDecrease * length * slope { return (candidate, reached) }
      length /= 2
    }
    return nil
  }

  /// H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ with ρ = 1 / yᵀs, where the curvature is positive.
  private func update(_ inverse: inout SquareMatrix, step: [Double], change: [Double]) {
    let curvature = dot(change, step)
    guard curvature > 1e-14 else { return }
    let mapped = inverse * change
    let scale = (1 + dot(change, mapped) / curvature) / curvature
    for row in step.indices {
      for column in step.indices {
        inverse[row, column] +=
          scale * step[row] * step[column]
          - (mapped[row] * step[column] + step[row] * mapped[column]) / curvature
      }
    }
  }

  private func gradient(at point: [Double]) -> [Double] {
    point.indices.map { index in
      var (left, right) = (point, point)
      left[index] -= Self.differenceStep
      right[index] += Self.differenceStep
      return (value(at: right) - value(at: left)) / (2 * Self.differenceStep)
    }
  }

  private func value(at point: [Double]) -> Double {
    let value = function(point)
    return value.isFinite ? value : .infinity
  }

  private func dot(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
