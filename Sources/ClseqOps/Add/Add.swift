import ClseqRuntime

extension Tape {
  /// Sum of two tensors of one shape.
  public func add(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    let y = try backend.empty(a.shape)
    try backend.add(a, b, into: y)
    record(y) { [a = a.identity, b = b.identity] tape, dy in
      try tape.passGradient(dy, to: a)
      try tape.passGradient(dy, to: b)
    }
    return y
  }
}

extension Backend {
  /// `out = a + b`, element by element; `out` may be `a` or `b`.
  package func add(_ a: Tensor, _ b: Tensor, into out: Tensor) throws {
    precondition(a.shape == b.shape && a.shape == out.shape, "add: \(a.shape) and \(b.shape)")
    if isReference {
      AddReference.forward(a.floats, b.floats, out.floats)
    } else {
      let count = out.count
      try launch(
        "add", in: "elementwise", tuning.elementGrid(count),
        cost: KernelCost(flops: Double(count), bytes: Double(12 * count)), a, b, out, Int32(count))
    }
  }
}
