extension Tape {
  /// Products of matrices: `op(a) op(b)`, where op may transpose the last two axes.
  ///
  /// - Parameters:
  ///   - a: `[M, K]` or `[batch, M, K]`; with `transposeA` `[.., K, M]`.
  ///   - b: `[K, N]` or `[batch, K, N]`; with `transposeB` `[.., N, K]`.
  ///   - transposeA: not together with `transposeB`.
  ///   - transposeB: Whether B is transposed.
  /// - Returns: `[M, N]` or `[batch, M, N]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func matmul(
    _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false
  ) throws -> Tensor {
    let rank = a.shape.count
    precondition(
      (rank == 2 || rank == 3) && b.shape.count == rank && (rank == 2 || a.shape[0] == b.shape[0]),
      "matmul: \(a.shape) and \(b.shape)")
    let (m, k) = Self.lastAxes(a, transposed: transposeA)
    let (inner, n) = Self.lastAxes(b, transposed: transposeB)
    precondition(k == inner, "matmul: \(a.shape) and \(b.shape)")
    let shape = MatmulShape(
      m: m, n: n, k: k, batch: rank == 3 ? a.shape[0] : 1, transposeA: transposeA,
      transposeB: transposeB)
    let c = try backend.empty(a.shape.dropLast(2) + [m, n])
    try backend.matmul(a, b, into: c, shape)
    record(c) { [a = try kept(a), b = try kept(b)] tape, dc in
      try tape.matmulBackward(dc, a, b, shape)
    }
    return c
  }

  private static func lastAxes(_ tensor: Tensor, transposed: Bool) -> (rows: Int, columns: Int) {
    let axes = tensor.shape.suffix(2)
    return transposed ? (axes.last!, axes.first!) : (axes.first!, axes.last!)
  }

  /// C = A B:   dA = dC B^T, dB = A^T dC.  C = A B^T: dA = dC B, dB = dC^T A.
  /// C = A^T B: dA = B dC^T, dB = A dC.
  private func matmulBackward(
    _ dc: Tensor, _ keptA: Tensor, _ keptB: Tensor, _ s: MatmulShape
  ) throws {
    let (a, b) = (try restored(keptA), try restored(keptB))
    let da = try gradientSlot(of: a)
    if s.transposeA {
      try backend.matmul(
        b, dc, into: da.out,
        MatmulShape(m: s.k, n: s.m, k: s.n, batch: s.batch, transposeB: true), base: da.addend)
    } else {
      try backend.matmul(
        dc, b, into: da.out,
        MatmulShape(m: s.m, n: s.k, k: s.n, batch: s.batch, transposeB: !s.transposeB),
        base: da.addend)
    }
    let db = try gradientSlot(of: b)
    if s.transposeB {
      try backend.matmul(
        dc, a, into: db.out,
        MatmulShape(m: s.n, n: s.k, k: s.m, batch: s.batch, transposeA: true), base: db.addend)
    } else {
      try backend.matmul(
        a, dc, into: db.out,
        MatmulShape(m: s.k, n: s.n, k: s.m, batch: s.batch, transposeA: !s.transposeA),
        base: db.addend)
    }
  }
}

extension Backend {
  /// `c = base + epilogue(op(a) op(b) + bias)`; an activation as epilogue takes the base too: `c = f(base + op(a)
  /// op(b) + bias)`.
  ///
  /// A transposed A takes neither bias nor epilogue; its K may be long, for weight gradients, and
  /// is split among work-groups whose sums are added in a fixed order.
  ///
  /// - Parameters:
  ///   - base: has the layout of `c` and may be `c`.
  ///   - bias: `[N]`.
  ///   - columnSums: `[M]`, to which the column sums of a transposed A are added (the gradient of a
  ///     bias); no batch.
  package func matmul(
    _ a: Tensor, _ b: Tensor, into c: Tensor, _ shape: MatmulShape, base: Tensor? = nil,
    bias: Tensor? = nil, epilogue: MatmulEpilogue = .none, columnSums: Tensor? = nil
  ) throws {
    let extents = shape.extents
    precondition(
      a.count >= extents.a && b.count >= extents.b && c.count >= extents.c
        && base.map { $0.count >= extents.c } ?? true && bias.map { $0.count == shape.n } ?? true
        && epilogue.kept.map { $0.count >= extents.c } ?? true,
      "matmul \(shape): a \(a.shape), b \(b.shape), c \(c.shape)")
    precondition(
      shape.transposeA
        ? bias == nil && epilogue.code == 0 : columnSums == nil,
      "matmul \(shape): a transposed A takes no bias and no epilogue; only it has column sums")
    precondition(
      columnSums.map { $0.count == shape.m && shape.batch == 1 } ?? true,
      "matmul \(shape): column sums \(columnSums?.shape ?? [])")
    if shape.isEmpty { return }
    if isReference {
      MatmulReference.multiply(
        a.floats, b.floats, into: c.floats, shape, base: base?.floats, bias: bias?.floats,
        epilogue: epilogue.reference)
      if let columnSums {
        MatmulReference.addColumnSums(a.floats, to: columnSums.floats, shape)
      }
      return
    }
    let operands = MatmulOperands(
      a: a, b: b, c: c, base: base, bias: bias, epilogue: epilogue, columnSums: columnSums)
    if shape.isSmallBatch, bias == nil, epilogue.code == 0 {
      return try launchSmall(operands, shape)
    }
    switch tuning {
    case .cpu(let vectorWidth):
      let tiling = MatmulTiling(vectorWidth: vectorWidth)
      if shape.transposeA {
        try launchSplits(operands, shape, tiling)
      } else {
        try launchPanels(operands, shape, tiling)
      }
    case .gpu: try launchTiles(operands, shape)
    }
  }

  /// Adds the column sums of an `[N, D]` to an array of D floats.
  func addColumnSums(of rows: Tensor, to sums: Tensor) throws {
    try matmul(
      try filled([rows.shape[0], 1], with: 1), rows, into: sums,
      MatmulShape(m: 1, n: sums.count, k: rows.shape[0], transposeA: true), base: sums)
  }
}
