/// Embedding in plain loops.
package enum EmbeddingReference {
  /// y[n] = scale table[items[n]] + positions[times[n]].
  package static func forward<T: BinaryFloatingPoint>(
    items: UnsafeMutableBufferPointer<Int32>, times: UnsafeMutableBufferPointer<Int32>,
    table: UnsafeMutableBufferPointer<T>, positions: UnsafeMutableBufferPointer<T>?,
    y: UnsafeMutableBufferPointer<T>, scale: T
  ) {
    if items.isEmpty { return }
    let width = y.count / items.count
    for row in items.indices {
      for channel in 0..<width {
        let place = positions?[Int(times[row]) * width + channel] ?? 0
        y[row * width + channel] = scale * table[Int(items[row]) * width + channel] + place
      }
    }
  }
}
