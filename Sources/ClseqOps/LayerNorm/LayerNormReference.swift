/// Layer normalisation in plain loops.
package enum LayerNormReference {
  /// y = weight z + bias, z = (x − mean) rstd, rstd = 1 / √(variance + epsilon), over rows
  /// `[N, D]`.
  package static func forward<T: BinaryFloatingPoint>(
    x: UnsafeMutableBufferPointer<T>, weight: UnsafeMutableBufferPointer<T>,
    bias: UnsafeMutableBufferPointer<T>, y: UnsafeMutableBufferPointer<T>,
    mean: UnsafeMutableBufferPointer<T>, rstd: UnsafeMutableBufferPointer<T>, epsilon: T
  ) {
    let d = weight.count
    for row in mean.indices {
      let start = row * d
      var sum: T = 0
      for c in 0..<d { sum += x[start + c] }
      let m = sum / T(d)
      var squares: T = 0
      for c in 0..<d { squares += (x[start + c] - m) * (x[start + c] - m) }
      let r = 1 / (squares / T(d) + epsilon).squareRoot()
      for c in 0..<d { y[start + c] = (x[start + c] - m) * r * weight[c] + bias[c] }
      mean[row] = m
      rstd[row] = r
    }
  }

  /// dx = base + rstd (g − average(g) − z average(g z)) with g = dy weight; the sums of
  /// dy z and of dy over rows are added to `dweight` and `dbias`.
  package static func backward<T: BinaryFloatingPoint>(
    dy: UnsafeMutableBufferPointer<T>, x: UnsafeMutableBufferPointer<T>,
    weight: UnsafeMutableBufferPointer<T>, mean: UnsafeMutableBufferPointer<T>,
    rstd: UnsafeMutableBufferPointer<T>, base: UnsafeMutableBufferPointer<T>?,
    dx: UnsafeMutableBufferPointer<T>, dweight: UnsafeMutableBufferPointer<T>,
    dbias: UnsafeMutableBufferPointer<T>
  ) {
    let d = weight.count
    for row in mean.indices {
      let start = row * d
      var gSum: T = 0
      var gzSum: T = 0
      for c in 0..<d {
        let z = (x[start + c] - mean[row]) * rstd[row]
        let g = dy[start + c] * weight[c]
        gSum += g
        gzSum += g * z
        dweight[c] += dy[start + c] * z
        dbias[c] += dy[start + c]
      }
      for c in 0..<d {
        let z = (x[start + c] - mean[row]) * rstd[row]
        let g = dy[start + c] * weight[c]
        let value = rstd[row] * (g - gSum / T(d) - z * gzSum / T(d))
        dx[start + c] = (base?[start + c] ?? 0) + value
      }
    }
  }
}
