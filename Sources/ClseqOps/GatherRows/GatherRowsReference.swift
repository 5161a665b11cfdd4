/// Rows of a matrix by index, in plain loops.
package enum GatherRowsReference {
  package static func forward<T: BinaryFloatingPoint>(
    _ x: UnsafeMutableBufferPointer<T>, _ rows: UnsafeMutableBufferPointer<Int32>,
    _ y: UnsafeMutableBufferPointer<T>, width: Int
  ) {
    for (target, row) in rows.enumerated() {
      for column in 0..<width { y[target * width + column] = x[Int(row) * width + column] }
    }
  }
}
