extension Tape {
  /// The same values under another shape, without a copy.
  ///
  /// - Parameters:
  ///   - x: the values.
  ///   - shape: of as many values.
  /// - Throws: `OpenCLError` when memory for gradients runs out.
  public func reshape(_ x: Tensor, _ shape: [Int]) throws -> Tensor {
    let y = backend.reshaped(x, shape)
    record(y) { [x = x.identity] tape, dy in
      try tape.passGradient(tape.backend.reshaped(dy, x.shape), to: x)
    }
    return y
  }
}
