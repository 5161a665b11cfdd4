/// Sum in plain loops.
package enum AddReference {
  package static func forward<T: BinaryFloatingPoint>(
    _ a: UnsafeMutableBufferPointer<T>, _ b: UnsafeMutableBufferPointer<T>,
    _ out: UnsafeMutableBufferPointer<T>
  ) {
    for index in out.indices { out[index] = a[index] + b[index] }
  }
}
