/// Sums of rows by an index in plain loops.
package enum SegmentSumReference {
  /// out[row] += scale · Σ weights[e] · x[e / perEntry] over the entries e of each row.
  package static func add<T: BinaryFloatingPoint>(
    _ x: UnsafeMutableBufferPointer<T>, _ index: RowIndex,
    weights: UnsafeMutableBufferPointer<T>?, perEntry: Int,
    into out: UnsafeMutableBufferPointer<T>, width: Int, scale: T
  ) {
    for (row, entries) in index.entries {
      for channel in 0..<width {
        let sum = entries.reduce(T(0)) {
          $0 + (weights?[Int($1)] ?? 1) * x[Int($1) / perEntry * width + channel]
        }
        out[Int(row) * width + channel] += scale * sum
      }
    }
  }
}
