import ClseqRuntime

extension Tape {
  /// The elements below the diagonals of square matrices, row by row: `z[n, i, j]` with j < i is
  /// `y[n, i (i - 1) / 2 + j]`.
  ///
  /// - Parameter z: `[N, F, F]`.
  /// - Returns: `[N, F (F - 1) / 2]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func lowerTriangle(_ z: Tensor) throws -> Tensor {
    precondition(
      z.shape.count == 3 && z.shape[1] == z.shape[2], "lowerTriangle: \(z.shape), not [N, F, F]")
    let (n, f) = (z.shape[0], z.shape[1])
    let y = try backend.empty([n, f * (f - 1) / 2])
    if backend.isReference {
      LowerTriangleReference.forward(z.floats, y.floats, matrices: n, size: f)
    } else if y.count > 0 {
      try backend.launch(
        "lower_triangle", in: "lower_triangle", backend.tuning.rowGrid(n),
        cost: KernelCost(bytes: Double(8 * y.count)), z, y, Int32(n), Int32(f))
    }
    record(y) { [z = z.identity] tape, dy in
      let dz = try tape.gradientSlot(of: z)
      if tape.backend.isReference {
        LowerTriangleReference.backward(
          dy: dy.floats, base: dz.addend?.floats, dz: dz.out.floats, matrices: n, size: f)
      } else if z.count > 0 {
        try tape.backend.launch(
          "lower_triangle_backward", in: "lower_triangle", tape.backend.tuning.rowGrid(n),
          cost: KernelCost(bytes: Double(4 * (dy.count + z.count))), dy, dz, Int32(n), Int32(f))
      }
    }
    return y
  }
}
