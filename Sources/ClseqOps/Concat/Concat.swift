import ClseqRuntime

extension Tape {
  /// Joins the rows of matrices side by side.
  ///
  /// - Parameter parts: at least one; `[N, D_i]` each.
  /// - Returns: `[N, Σ D_i]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func concat(_ parts: [Tensor]) throws -> Tensor {
    let shapes = parts.map(\.shape)
    precondition(
      !parts.isEmpty && shapes.allSatisfy { $0.count == 2 && $0[0] == shapes[0][0] },
      "concat: \(shapes)")
    let y = try backend.empty([shapes[0][0], shapes.reduce(0) { $0 + $1[1] }])
    var columns: [Int] = []
    var next = 0
    for part in parts {
      columns.append(next)
      try backend.copyColumns(
        of: part, at: 0, into: y, at: next, width: part.shape[1])
      next += part.shape[1]
    }
    record(y) { [parts = parts.map(\.identity), columns] tape, dy in
      for (part, column) in zip(parts, columns) {
        let slot = try tape.gradientSlot(of: part)
        try tape.backend.copyColumns(
          of: dy, at: column, into: slot.out, at: 0, width: part.shape[1], base: slot.addend)
      }
    }
    return y
  }
}

extension Backend {
  /// `out[n, to + c] = base[n, to + c] + x[n, from + c]` for c below `width`; `base` has the
  /// layout of `out`.
  func copyColumns(
    of x: Tensor, at from: Int, into out: Tensor, at to: Int, width: Int, base: Tensor? = nil
  ) throws {
    let n = x.shape[0]
    if isReference {
      ConcatReference.copyColumns(
        x.floats, stride: x.shape[1], from: from, base: base?.floats, out.floats,
        outStride: out.shape[1], to: to, rows: n, width: width)
    } else {
      try launch(
        "copy_columns", in: "elementwise", tuning.rowGrid(n),
        cost: KernelCost(bytes: Double(8 * n * width)), x, Int32(x.shape[1]), Int32(from),
        base ?? out, Int32(base == nil ? 0 : 1), out, Int32(out.shape[1]), Int32(to), Int32(n),
        Int32(width))
    }
  }
}
