import ClseqRuntime

extension Backend {
  /// Rows of a matrix by index, without a gradient.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - rows: `[B]`, each in `0 ..< N`; the caller checks that.
  /// - Returns: `[B, D]`.
  public func gatherRows(_ x: Tensor, rows: Indices) throws -> Tensor {
    precondition(x.shape.count == 2, "gatherRows: x is \(x.shape), expected [N, D]")
    let width = x.shape[1]
    let y = try empty([rows.count, width])
    if isReference {
      GatherRowsReference.forward(x.floats, rows.values, y.floats, width: width)
    } else {
      try launch(
        "gather_rows", in: "gather_rows",
        Grid(groups: ((width + 15) / 16, rows.count, 1), size: (16, 1, 1)),
        cost: KernelCost(bytes: Double(8 * y.count)), x, rows, y, Int32(width))
    }
    return y
  }
}
