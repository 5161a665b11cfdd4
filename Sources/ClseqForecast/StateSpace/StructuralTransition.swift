/// The transition matrix T of a structural model, applied without its zeros.
///
///     level ← level + slope,   slope ← slope,   γ₁ ← −(γ₁ + … + γ_{s−1}),   γ_j ← γ_{j−1}
struct StructuralTransition: Sendable {
  let components: StructuralComponents

  /// T x, for m numbers of an array from `start`, `stride` apart.
  func apply(_ x: inout [Double], start: Int = 0, stride: Int = 1) {
    if components.hasTrend { x[start] += x[start + stride] }
    guard components.hasSeason else { return }
    let first = start + components.seasonStart * stride
    var last = first + (StructuralComponents.period - 2) * stride
    var sum = x[last]
    while last > first {
      x[last] = x[last - stride]
      sum += x[last]
      last -= stride
    }
    x[first] = -sum
  }

  /// Tᵀ x, likewise.
  func applyTransposed(_ x: inout [Double], start: Int = 0, stride: Int = 1) {
    if components.hasTrend { x[start + stride] += x[start] }
    guard components.hasSeason else { return }
    var place = start + components.seasonStart * stride
    let last = place + (StructuralComponents.period - 2) * stride
    let first = x[place]
    while place < last {
      x[place] = x[place + stride] - first
      place += stride
    }
    x[last] = -first
  }

  /// P ← T P Tᵀ.
  func apply(toBothSidesOf matrix: inout SquareMatrix) {
    for line in 0..<matrix.size {
      apply(&matrix.values, start: line, stride: matrix.size)
    }
    for line in 0..<matrix.size { apply(&matrix.values, start: line * matrix.size) }
  }

  /// N ← Tᵀ N T.
  func applyTransposed(toBothSidesOf matrix: inout SquareMatrix) {
    for line in 0..<matrix.size {
      applyTransposed(&matrix.values, start: line, stride: matrix.size)
    }
    for line in 0..<matrix.size { applyTransposed(&matrix.values, start: line * matrix.size) }
  }

  /// Zᵀ x: the level and the effect of the day.
  func observed(_ x: [Double], start: Int = 0, stride: Int = 1) -> Double {
    x[start] + (components.hasSeason ? x[start + components.seasonStart * stride] : 0)
  }

  /// P Z.
  func observed(_ matrix: SquareMatrix, into result: inout [Double]) {
    for row in 0..<matrix.size { result[row] = observed(matrix.values, start: row * matrix.size) }
  }

  /// The states that Z takes up.
  var observedStates: [Int] {
    components.hasSeason ? [0, components.seasonStart] : [0]
  }
}
