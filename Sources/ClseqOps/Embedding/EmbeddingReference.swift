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

  /// dtable[rows[r]] += scale · sum of dy over the events of r.
  package static func backward<T: BinaryFloatingPoint>(
    dy: UnsafeMutableBufferPointer<T>, order: UnsafeMutableBufferPointer<Int32>,
    rows: UnsafeMutableBufferPointer<Int32>, rowOffsets: UnsafeMutableBufferPointer<Int32>,
    dtable: UnsafeMutableBufferPointer<T>, width: Int, scale: T
  ) {
    for (segment, row) in rows.enumerated() {
      for channel in 0..<width {
        var sum: T = 0
        for k in Int(rowOffsets[segment])..<Int(rowOffsets[segment + 1]) {
          sum += dy[Int(order[k]) * width + channel]
        }
        dtable[Int(row) * width + channel] += scale * sum
      }
    }
  }
}
