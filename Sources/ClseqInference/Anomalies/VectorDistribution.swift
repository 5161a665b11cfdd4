import ClseqData

/// The mean and the covariance of vectors, by which others are compared with them: the Mahalanobis distance
///
///     d(v) = √((v − μ)ᵀ S⁻¹ (v − μ)),   S = (1 − s) Σ + s (tr Σ / D) I
///
/// with s = ``shrinkage``, so that directions in which the vectors hardly differ do not decide alone. Source:
/// Mahalanobis, "On the generalized distance in statistics" (1936); the shrinkage is towards the target of Ledoit and
/// Wolf, "A well-conditioned estimator for large-dimensional covariance matrices" (2004), by a fixed share.
public struct VectorDistribution: Sendable {
  /// The share s of the multiple of the identity in S.
  public static let shrinkage = 0.01

  /// D, the numbers of a vector.
  public let width: Int
  private var count = 0.0
  private var mean: [Double]
  /// [D, D] the lower triangle of the sum of (v − μ)(v − μ)ᵀ; after ``finish()`` the Cholesky factor of S.
  private var matrix: [Double]

  /// A distribution without vectors.
  public init(width: Int) {
    self.width = width
    mean = Array(repeating: 0, count: width)
    matrix = Array(repeating: 0, count: width * width)
  }

  /// Adds a vector `[D]`. Source: Welford, "Note on a method for calculating corrected sums of squares and products"
  /// (Technometrics 1962).
  public mutating func add(_ vector: ArraySlice<Float>) {
    count += 1
    let before = zip(vector, mean).map { Double($0) - $1 }
    for column in 0..<width { mean[column] += before[column] / count }
    let share = (count - 1) / count
    for row in 0..<width {
      let factor = share * before[row]
      for column in 0...row { matrix[row * width + column] += factor * before[column] }
    }
  }

  /// Ends the adding: distances can be computed.
  ///
  /// - Returns: False where the vectors do not differ, or are not finite.
  public mutating func finish() -> Bool {
    let trace = (0..<width).reduce(0) { $0 + matrix[$1 * width + $1] } / max(1, count)
    guard trace > 0, trace.isFinite else { return false }
    for row in 0..<width {
      for column in 0...row {
        let value = (1 - Self.shrinkage) * matrix[row * width + column] / count
        let ridge = row == column ? Self.shrinkage * trace / Double(width) : 0
        let known = (0..<column).reduce(0) {
          $0 + matrix[row * width + $1] * matrix[column * width + $1]
        }
        let rest = value + ridge - known
        matrix[row * width + column] =
          row == column ? rest.squareRoot() : rest / matrix[column * width + column]
      }
    }
    return matrix.allSatisfy(\.isFinite)
  }

  /// The distance of a vector `[D]` after ``finish()``.
  public func distance(of vector: ArraySlice<Float>) -> Double {
    var (solved, sum) = ([Double](repeating: 0, count: width), 0.0)
    for (row, value) in vector.enumerated() {
      let known = (0..<row).reduce(0) { $0 + matrix[row * width + $1] * solved[$1] }
      solved[row] = (Double(value) - mean[row] - known) / matrix[row * width + row]
      sum += solved[row] * solved[row]
    }
    return sum.squareRoot()
  }
}
