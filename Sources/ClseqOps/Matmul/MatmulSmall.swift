import ClseqRuntime

extension MatmulShape {
  /// Whether this is a batch of products so small that a tile of the usual forms would be padding for
  /// the most part. `PANEL_FLOATS` of `matmul_small_cpu.cl` follows from these limits.
  var isSmallBatch: Bool {
    batch > 1 && m <= 32 && max(n, k) <= 256 && min(n, k) <= 32
  }
}

extension Backend {
  /// A batch of small products, in any layout: a work-group computes several of them.
  func launchSmall(_ x: MatmulOperands, _ shape: MatmulShape) throws {
    let options: KernelOptions = [
      "TRANSPOSE_A": shape.transposeA ? 1 : 0, "TRANSPOSE_B": shape.transposeB ? 1 : 0,
    ]
    let arguments = SmallArguments(x, shape)
    switch tuning {
    case .cpu(let vectorWidth):
      // Eight sums at least, which a CPU needs to hide the time of a multiply-add.
      let most = vectorWidth == 16 ? 4 : 2
      let vectors = min(most, shape.n.dividedRoundingUp(by: vectorWidth))
      let rows = shape.m <= 4 ? 4 : vectors < most ? 8 : 6
      let block = max(1, min(64, shape.batch / 64))
      try launch(
        "matmul_small", in: "matmul_small_cpu",
        after: ["gelu", "matmul_common", "tile_cpu"],
        options: options + ["TILE_ROWS": rows, "TILE_VECTORS": vectors],
        Grid(groups: shape.batch.dividedRoundingUp(by: block)), cost: shape.cost, arguments,
        Int32(block))
    case .gpu:
      let items = shape.batch * shape.m.dividedRoundingUp(by: 4) * shape.n.dividedRoundingUp(by: 4)
      try launch(
        "matmul_small", in: "matmul_small_gpu", options: options,
        Grid(groups: items.dividedRoundingUp(by: 64), size: 64), cost: shape.cost, arguments)
    }
  }
}

/// The arguments that both forms of `matmul_small` begin with.
private struct SmallArguments: KernelArgument {
  let x: MatmulOperands
  let shape: MatmulShape

  init(_ x: MatmulOperands, _ shape: MatmulShape) { (self.x, self.shape) = (x, shape) }

  func add(to arguments: inout KernelArguments) {
    let (rows, batches) = (shape.rowStrides, shape.batchStrides)
    arguments.add(
      x.a, x.b, x.c, x.base ?? x.c, Int32(x.base == nil ? 0 : 1), Int32(shape.batch),
      Int32(shape.m), Int32(shape.n), Int32(shape.k), Int32(rows.a), Int32(rows.b), Int32(rows.c),
      Int64(batches.a), Int64(batches.b), Int64(batches.c))
  }
}
