/// Elements below the diagonals of matrices in plain loops.
package enum LowerTriangleReference {
  /// y[n, i (i - 1) / 2 + j] = z[n, i, j] for j < i.
  package static func forward<T: BinaryFloatingPoint>(
    _ z: UnsafeMutableBufferPointer<T>, _ y: UnsafeMutableBufferPointer<T>, matrices: Int,
    size: Int
  ) {
    var place = 0
    for n in 0..<matrices {
      for i in 0..<size {
        for j in 0..<i {
          y[place] = z[(n * size + i) * size + j]
          place += 1
        }
      }
    }
  }

  /// dz = base + dy of an element below the diagonal; base alone for the others.
  package static func backward<T: BinaryFloatingPoint>(
    dy: UnsafeMutableBufferPointer<T>, base: UnsafeMutableBufferPointer<T>?,
    dz: UnsafeMutableBufferPointer<T>, matrices: Int, size: Int
  ) {
    var place = 0
    for n in 0..<matrices {
      for i in 0..<size {
        for j in 0..<size {
          let at = (n * size + i) * size + j
          dz[at] = (base?[at] ?? 0) + (j < i ? dy[place + j] : 0)
        }
        place += i
      }
    }
  }
}
