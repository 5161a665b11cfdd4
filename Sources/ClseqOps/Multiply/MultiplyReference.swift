/// Product in plain loops.
package enum MultiplyReference {
  /// out = base + a b: the product, and the gradient of a factor from that of the product and the
  /// other factor.
  package static func run<T: BinaryFloatingPoint>(
    _ a: UnsafeMutableBufferPointer<T>, _ b: UnsafeMutableBufferPointer<T>,
    base: UnsafeMutableBufferPointer<T>?, _ out: UnsafeMutableBufferPointer<T>
  ) {
    for index in out.indices { out[index] = (base?[index] ?? 0) + a[index] * b[index] }
  }
}
