import ClseqRuntime

extension Tape {
  /// Product of two tensors of one shape, element by element.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func multiply(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    precondition(a.shape == b.shape, "multiply: \(a.shape) and \(b.shape)")
    let y = try backend.empty(a.shape)
    try backend.multiply(a, b, into: y)
    record(y) { [a = try kept(a), b = try kept(b)] tape, dy in
      for (input, other) in [(a, b), (b, a)] {
        let slot = try tape.gradientSlot(of: input)
        try tape.backend.multiply(dy, try tape.restored(other), into: slot.out, base: slot.addend)
      }
    }
    return y
  }

  /// A number times a tensor.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func scale(_ x: Tensor, by factor: Float) throws -> Tensor {
    let y = try backend.empty(x.shape)
    try backend.multiply(x, try backend.filled(x.shape, with: factor), into: y)
    record(y) { [x = x.identity] tape, dy in
      let factors = try tape.backend.filled(dy.shape, with: factor)
      let slot = try tape.gradientSlot(of: x)
      try tape.backend.multiply(dy, factors, into: slot.out, base: slot.addend)
    }
    return y
  }
}

extension Backend {
  /// `out = base + a b`, element by element; `out` may be any of the others.
  func multiply(_ a: Tensor, _ b: Tensor, into out: Tensor, base: Tensor? = nil) throws {
    if isReference {
      MultiplyReference.run(a.floats, b.floats, base: base?.floats, out.floats)
    } else {
      let count = out.count
      try launch(
        "multiply", in: "elementwise", tuning.elementGrid(count),
        cost: KernelCost(flops: Double(count), bytes: Double(12 * count)), a, b, base ?? out,
        Int32(base == nil ? 0 : 1), out, Int32(count))
    }
  }
}
