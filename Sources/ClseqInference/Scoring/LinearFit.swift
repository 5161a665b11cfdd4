import ClseqRuns
import Foundation

/// A line through a few numbers of each case, as simple as a neighbour of a model should be: logistic
/// regression of a yes, or least squares of a number.
///
/// Numbers are standardised, and the sum of losses has half the squared coefficients beside it
/// (ridge 1, as scikit-learn's default), so that equal columns and separable classes stay finite.
/// Newton's method in a fixed order: the same cases give the same line.
struct LinearFit: Sendable {
  /// The prediction of the line.
  enum Kind: Sendable {
    case logistic
    case leastSquares
  }

  private let means: [Double]
  private let deviations: [Double]
  /// The intercept, then one for each number.
  private let coefficients: [Double]

  /// - Parameters:
  ///   - rows: `width` numbers a case, one case after another.
  ///   - targets: 0 or 1 for `logistic`; one per case, at least one case.
  init(_ kind: Kind, rows: [Float], width: Int, targets: [Double]) {
    let count = targets.count
    precondition(
      rows.count == count * width && count > 0,
      "LinearFit: \(rows.count) numbers, \(count) cases of \(width)")
    var (means, deviations) = ([Double](), [Double]())
    for column in 0..<width {
      func value(_ row: Int) -> Double { Double(rows[row * width + column]) }
      let mean = (0..<count).reduce(0) { $0 + value($1) } / Double(count)
      let variance = (0..<count).reduce(0) { $0 + (value($1) - mean) * (value($1) - mean) }
      means.append(mean)
      deviations.append(variance > 0 ? (variance / Double(count)).squareRoot() : 1)
    }
    self.means = means
    self.deviations = deviations
    var coefficients = [Double](repeating: 0, count: width + 1)
    // Least squares is done in one step.
    for _ in 0..<(kind == .logistic ? 25 : 1) {
      var (gradient, hessian) = (
        [Double](repeating: 0, count: width + 1),
        [Double](repeating: 0, count: (width + 1) * (width + 1))
      )
      var row = [Double](repeating: 1, count: width + 1)
      for index in 0..<count {
        for column in 0..<width {
          row[column + 1] =
            (Double(rows[index * width + column]) - means[column]) / deviations[column]
        }
        let z = zip(row, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
        let answer = kind == .logistic ? RowGoal.sigmoid(z) : z
        let weight = kind == .logistic ? max(answer * (1 - answer), 1e-9) : 1
        for i in 0...width {
          gradient[i] += (answer - targets[index]) * row[i]
          for j in 0...i { hessian[i * (width + 1) + j] += weight * row[i] * row[j] }
        }
      }
      for i in 1..<(width + 1) {
        gradient[i] += coefficients[i]
        hessian[i * (width + 1) + i] += 1
      }
      let step = Self.solved(hessian, gradient)
      for i in 0...width { coefficients[i] -= step[i] }
      if step.allSatisfy({ abs($0) < 1e-9 }) { break }
    }
    self.coefficients = coefficients
  }

  /// The logit, or the number, of a case.
  ///
  /// - Parameter row: Its numbers.
  func answer(_ row: ArraySlice<Float>) -> Double {
    var sum = coefficients[0]
    for (column, value) in row.enumerated() {
      sum += coefficients[column + 1] * (Double(value) - means[column]) / deviations[column]
    }
    return sum
  }

  /// Solves for a positive definite matrix, of which the lower half is given (Cholesky).
  private static func solved(_ matrix: [Double], _ right: [Double]) -> [Double] {
    let size = right.count
    var (root, x) = (matrix, right)
    for i in 0..<size {
      for j in 0...i {
        var sum = root[i * size + j]
        for k in 0..<j { sum -= root[i * size + k] * root[j * size + k] }
        root[i * size + j] = i == j ? max(sum, 1e-12).squareRoot() : sum / root[j * size + j]
      }
      for k in 0..<i { x[i] -= root[i * size + k] * x[k] }
      x[i] /= root[i * size + i]
    }
    for i in (0..<size).reversed() {
      for k in i + 1..<size { x[i] -= root[k * size + i] * x[k] }
      x[i] /= root[i * size + i]
    }
    return x
  }
}
