import ClseqRuntime

extension Tape {
  /// Rows of a matrix by index: `y[s] = x[rows[s]]`.
  ///
  /// A row that several of `rows` name gets the sum of their gradients, in ascending order of s.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - rows: `[S]`, each in `0 ..< N`; the caller checks that.
  ///   - index: `RowIndex(rows, rowCount: N)`; needed in training.
  /// - Returns: `[S, D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func gather(
    _ x: Tensor, rows: Indices, index: DeviceRowIndex? = nil
  ) throws -> Tensor {
    precondition(
      index.map { $0.order.count == rows.count } ?? true,
      "gather: \(rows.count) rows, an index of \(index?.order.count ?? 0)")
    let y = try backend.gatherRows(x, rows: rows)
    record(y) { [x = x.identity] tape, dy in
      guard let index else { preconditionFailure("gather: training needs a row index") }
      let dx = try tape.gradientSlot(of: x)
      try tape.backend.fillBase(of: dx)
      try tape.backend.segmentSum(dy, index, into: dx.out)
    }
    return y
  }
}

extension Backend {
  /// Rows of a matrix by index, without a gradient.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`, which may be a table in bf16.
  ///   - rows: `[B]`, each in `0 ..< N`; the caller checks that.
  /// - Returns: `[B, D]` in float32.
  public func gatherRows(_ x: Tensor, rows: Indices) throws -> Tensor {
    precondition(x.shape.count == 2, "gatherRows: x is \(x.shape), expected [N, D]")
    let y = try empty([rows.count, x.shape[1]])
    try gatherRows(x, rows: rows, into: y)
    return y
  }

  /// The same into the first rows of a matrix.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`, which may be a table in bf16.
  ///   - rows: `[B]`, each in `0 ..< N`; the caller checks that.
  ///   - y: `[M, D]` in float32, M at least B.
  public func gatherRows(_ x: Tensor, rows: Indices, into y: Tensor) throws {
    precondition(
      x.shape.count == 2 && y.shape.count == 2 && x.shape[1] == y.shape[1]
        && rows.count <= y.shape[0],
      "gatherRows: \(rows.count) rows of \(x.shape) into \(y.shape)")
    let width = x.shape[1]
    if isReference {
      let x = try floatTable(x)
      withExtendedLifetime(x) {
        GatherRowsReference.forward(x.floats, rows.values, y.floats, width: width)
      }
    } else {
      try launch(
        "gather_rows", in: "gather_rows", options: x.tableOptions, tuning.rowGrid(rows.count),
        cost: KernelCost(bytes: Double((4 + x.elementType.byteCount) * rows.count * width)), x,
        rows, y, Int32(rows.count), Int32(width))
    }
  }
}
