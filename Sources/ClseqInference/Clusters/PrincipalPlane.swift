/// The plane in which vectors differ most: their first two principal components (Pearson 1901; Hotelling 1933), by
/// power iteration on the covariance.
public struct PrincipalPlane: Sendable {
  /// Steps of an iteration that does not settle before.
  private static let mostSteps = 1_000
  /// A step that turns a direction by less, in the sine of the angle, is the last.
  private static let tolerance = 1e-9

  /// The coordinates of each vector, `[N]`, around the mean; the larger entries of a component are positive.
  public let points: [(x: Double, y: Double)]
  /// The share of the variance along each of the two axes.
  public let shares: (x: Double, y: Double)

  /// - Parameters:
  ///   - vectors: `[N, D]` row by row, finite.
  ///   - width: D.
  public init(_ vectors: [Float], width: Int) {
    let covariance = Covariance(vectors, width: width)
    let first = covariance.component(orthogonalTo: nil)
    let second = covariance.component(orthogonalTo: first.direction)
    let total = covariance.trace
    shares = total > 0 ? (first.variance / total, second.variance / total) : (0, 0)
    points = vectors.withUnsafeBufferPointer { vectors in
      stride(from: 0, to: vectors.count, by: width).map { start in
        var (x, y) = (0.0, 0.0)
        for column in 0..<width {
          let value = Double(vectors[start + column]) - covariance.mean[column]
          x += value * first.direction[column]
          y += value * second.direction[column]
        }
        return (x, y)
      }
    }
  }

  /// The mean and the covariance of vectors.
  private struct Covariance {
    let mean: [Double]
    /// `[D, D]`.
    let values: [Double]

    init(_ vectors: [Float], width: Int) {
      let count = Double(max(1, vectors.count / width))
      var mean = [Double](repeating: 0, count: width)
      for (place, value) in vectors.enumerated() { mean[place % width] += Double(value) / count }
      var values = [Double](repeating: 0, count: width * width)
      var row = mean
      for start in stride(from: 0, to: vectors.count, by: width) {
        for column in 0..<width { row[column] = Double(vectors[start + column]) - mean[column] }
        for i in 0..<width {
          for j in 0...i { values[i * width + j] += row[i] * row[j] / count }
        }
      }
      for i in 0..<width {
        for j in 0..<i { values[j * width + i] = values[i * width + j] }
      }
      (self.mean, self.values) = (mean, values)
    }

    var trace: Double { mean.indices.reduce(0) { $0 + values[$1 * (mean.count + 1)] } }

    /// The direction of the largest variance among those at a right angle to another one, and the variance.
    func component(orthogonalTo other: [Double]?) -> (direction: [Double], variance: Double) {
      let width = mean.count
      // From the axis of the largest variance, a little to all sides.
      let largest = (0..<width).max {
        values[$0 * (width + 1)] < values[$1 * (width + 1)]
      }
      var direction = (0..<width).map { $0 == largest ? 1 : 1e-3 / Double($0 + 1) }
      var variance = 0.0
      for _ in 0..<PrincipalPlane.mostSteps {
        let before = Self.unit(direction, orthogonalTo: other)
        let next = (0..<width).map { i in
          (0..<width).reduce(0) { $0 + values[i * width + $1] * before[$1] }
        }
        direction = Self.unit(next, orthogonalTo: other)
        variance = zip(next, before).reduce(0) { $0 + $1.0 * $1.1 }
        let cosine = zip(direction, before).reduce(0) { $0 + $1.0 * $1.1 }
        if 1 - cosine * cosine < PrincipalPlane.tolerance * PrincipalPlane.tolerance { break }
      }
      let extreme = direction.max { abs($0) < abs($1) } ?? 0
      return (extreme < 0 ? direction.map { -$0 } : direction, max(0, variance))
    }

    /// A vector of length 1 without its part along another one; zeros where nothing is left.
    private static func unit(_ vector: [Double], orthogonalTo other: [Double]?) -> [Double] {
      var vector = vector
      if let other {
        let part = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
        for index in vector.indices { vector[index] -= part * other[index] }
      }
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > 0 ? vector.map { $0 / length } : vector
    }
  }
}
