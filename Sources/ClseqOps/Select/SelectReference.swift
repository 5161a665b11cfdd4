/// Events of which some are replaced, in plain loops.
package enum SelectReference {
  /// out = choices < 0 ? items : others[choices], and items where the other is below 0.
  static func items(
    _ items: UnsafeMutableBufferPointer<Int32>, _ others: UnsafeMutableBufferPointer<Int32>,
    _ choices: UnsafeMutableBufferPointer<Int32>, _ out: UnsafeMutableBufferPointer<Int32>
  ) {
    for (event, choice) in choices.enumerated() {
      let other = choice < 0 ? -1 : others[Int(choice)]
      out[event] = other < 0 ? items[event] : other
    }
  }

  /// y = base + (choices < 0 ? a : b) by rows: the selection, and without `b` the gradient of `a` from that of
  /// the selection.
  package static func rows<T: BinaryFloatingPoint>(
    _ a: UnsafeMutableBufferPointer<T>, _ b: UnsafeMutableBufferPointer<T>?,
    _ choices: UnsafeMutableBufferPointer<Int32>, base: UnsafeMutableBufferPointer<T>?,
    _ y: UnsafeMutableBufferPointer<T>, width: Int
  ) {
    for index in y.indices {
      let value = choices[index / width] < 0 ? a[index] : b?[index] ?? 0
      y[index] = (base?[index] ?? 0) + value
    }
  }
}
