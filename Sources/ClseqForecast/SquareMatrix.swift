/// A small square matrix in row-major order.
struct SquareMatrix: Sendable {
  let size: Int
  var values: [Double]

  /// Zeros.
  init(size: Int) {
    self.size = size
    values = Array(repeating: 0, count: size * size)
  }

  /// The outer product v vᵀ.
  init(squareOf vector: [Double]) {
    size = vector.count
    values = vector.flatMap { left in vector.map { left * $0 } }
  }

  subscript(row: Int, column: Int) -> Double {
    get { values[row * size + column] }
    set { values[row * size + column] = newValue }
  }

  var transposed: SquareMatrix {
    var result = SquareMatrix(size: size)
    for row in 0..<size {
      for column in 0..<size { result[column, row] = self[row, column] }
    }
    return result
  }

  /// The matrix of ones on the diagonal, of the same size.
  var identity: SquareMatrix {
    var result = SquareMatrix(size: size)
    for index in 0..<size { result[index, index] = 1 }
    return result
  }

  /// Adds the outer product of two vectors times a number.
  mutating func addProduct(_ left: [Double], _ right: [Double], times factor: Double) {
    for row in 0..<size {
      let scaled = left[row] * factor
      for column in 0..<size { values[row * size + column] += scaled * right[column] }
    }
  }

  static func + (left: SquareMatrix, right: SquareMatrix) -> SquareMatrix {
    var result = left
    for index in result.values.indices { result.values[index] += right.values[index] }
    return result
  }

  static func * (left: SquareMatrix, right: SquareMatrix) -> SquareMatrix {
    var result = SquareMatrix(size: left.size)
    for row in 0..<left.size {
      for inner in 0..<left.size {
        let factor = left[row, inner]
        for column in 0..<left.size { result[row, column] += factor * right[inner, column] }
      }
    }
    return result
  }

  static func * (left: SquareMatrix, right: [Double]) -> [Double] {
    (0..<left.size).map { row in
      (0..<left.size).reduce(0) { $0 + left[row, $1] * right[$1] }
    }
  }
}
