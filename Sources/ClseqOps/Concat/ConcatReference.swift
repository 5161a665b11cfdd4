/// Joining and slicing rows in plain loops.
package enum ConcatReference {
  /// out[n, to + c] = base[n, to + c] + x[n, from + c] for c below `width`: a part of the joined
  /// rows, or the gradient of one.
  package static func copyColumns<T: BinaryFloatingPoint>(
    _ x: UnsafeMutableBufferPointer<T>, stride: Int, from: Int,
    base: UnsafeMutableBufferPointer<T>?, _ out: UnsafeMutableBufferPointer<T>, outStride: Int,
    to: Int, rows: Int, width: Int
  ) {
    for row in 0..<rows {
      for c in 0..<width {
        let place = row * outStride + to + c
        out[place] = (base?[place] ?? 0) + x[row * stride + from + c]
      }
    }
  }
}
