import ClseqRuntime

/// The arrays of one product.
struct MatmulOperands {
  let a: Tensor
  let b: Tensor
  let c: Tensor
  let base: Tensor?
  let bias: Tensor?
  let epilogue: MatmulEpilogue
  let columnSums: Tensor?
}

/// Sizes that are fixed in `tile_cpu.cl` and `matmul_splits_cpu.cl`, and the division of work among
/// work-groups.
///
/// pocl hands each core half of the remaining work-groups at a time, so that a few dozen
/// work-groups keep the cores evenly loaded. The division follows from the shape alone: sums are
/// the same on any number of cores.
struct MatmulTiling {
  /// `TILE_ROWS`.
  let rows: Int
  /// `PANEL`.
  let panel: Int
  /// Columns of A and B per work-group of `matmul_splits`: `SPLIT_TILES * TILE_ROWS` and
  /// `SPLIT_PANELS * PANEL`.
  let splitColumns: (a: Int, b: Int)
  /// Columns of a work-item of `matmul_reduce`: `REDUCE_VECTORS * VECTOR_WIDTH`.
  let reducedColumns: Int

  init(vectorWidth: Int) {
    (rows, panel) = (6, vectorWidth == 16 ? 64 : 16)
    splitColumns = (258, 256)
    reducedColumns = 32 * vectorWidth
  }

  /// Rows and panels of a work-group of `matmul_panels`.
  func groupSizes(_ shape: MatmulShape) -> (rows: Int, panels: Int) {
    let groupRows = shape.m >= 1536 ? 96 : 24
    let rowGroups = shape.m.dividedRoundingUp(by: groupRows) * shape.batch
    let panels = shape.n.dividedRoundingUp(by: panel)
    let panelGroups = min(panels, 64.dividedRoundingUp(by: rowGroups))
    return (groupRows, panels.dividedRoundingUp(by: panelGroups))
  }

  /// Work-groups of `matmul_splits` along M and N, for one split.
  func splitBlocks(_ shape: MatmulShape) -> Int {
    shape.m.dividedRoundingUp(by: splitColumns.a) * shape.n.dividedRoundingUp(by: splitColumns.b)
  }
}

/// A division of K among work-groups.
private struct MatmulSplits {
  let count: Int
  let slice: Int

  /// At most `groups` work-groups in all, of at least 256 steps each.
  init(k: Int, most groups: Int) {
    let wanted = max(1, min(k.dividedRoundingUp(by: 256), groups))
    self.init(k: k, slice: k.dividedRoundingUp(by: wanted).dividedRoundingUp(by: 8) * 8)
  }

  /// At least `groups` work-groups in all, unless they had fewer than 64 steps each.
  init(k: Int, least groups: Int) {
    self.init(k: k, slice: max(64, k / groups / 8 * 8))
  }

  init(k: Int, slice: Int) {
    self.slice = slice
    count = max(1, k.dividedRoundingUp(by: max(slice, 1)))
  }
}

/// The division of work in `matmul_gpu.cl`.
private struct MatmulGPUTiling {
  /// Rows of C of a work-group, `TILE_ROWS` of `tile_gpu.cl`.
  let rows: Int
  /// Work-groups along M and N.
  let tiles: (Int, Int)
  let splits: MatmulSplits

  /// - Parameter hasMatrixUnit: whether a tile has 64 rows whatever the shape.
  init(_ shape: MatmulShape, hasMatrixUnit: Bool) {
    func tiles(_ rows: Int) -> (Int, Int) {
      (shape.m.dividedRoundingUp(by: rows), shape.n.dividedRoundingUp(by: 64))
    }
    func splits(_ tiles: (Int, Int)) -> MatmulSplits {
      let count = tiles.0 * tiles.1 * shape.batch
      return shape.transposeA
        ? MatmulSplits(k: shape.k, least: Tuning.groupsOfLargeGPU.dividedRoundingUp(by: count))
        : MatmulSplits(k: shape.k, slice: shape.k)
    }
    let large = tiles(64)
    let isFew = large.0 * large.1 * shape.batch * splits(large).count < Tuning.groupsOfLargeGPU
    rows = isFew && !hasMatrixUnit ? 32 : 64
    self.tiles = tiles(rows)
    self.splits = splits(self.tiles)
  }
}

extension Backend {
  private static let common: [StaticString] = ["gelu", "matmul_common"]
  private static let tile = common + ["tile_cpu"]

  /// NN and NT on a CPU: B into panels, then the product.
  func launchPanels(_ x: MatmulOperands, _ shape: MatmulShape, _ tiling: MatmulTiling) throws {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    let panels = n.dividedRoundingUp(by: tiling.panel)
    let packedStride = panels * tiling.panel * k
    let packedBatch = shape.batchStrides.b == 0 ? 1 : shape.batch
    let packed = try empty([packedBatch, packedStride])
    try launch(
      "matmul_pack", in: "matmul_panels_cpu", after: Self.tile,
      Grid(groups: (panels, k.dividedRoundingUp(by: 64), packedBatch)),
      cost: KernelCost(bytes: Double(4 * packedBatch * (n * k + packedStride))), x.b, packed,
      Int32(n), Int32(k), Int32(shape.rowStrides.b), Int32(shape.transposeB ? 1 : 0),
      Int64(shape.batchStrides.b))
    let group = tiling.groupSizes(shape)
    try launch(
      "matmul_panels", in: "matmul_panels_cpu", after: Self.tile,
      Grid(
        groups: (
          m.dividedRoundingUp(by: group.rows), panels.dividedRoundingUp(by: group.panels),
          shape.batch
        )),
      cost: shape.cost, x.a, packed, x.c, x.base ?? x.c, Int32(x.base == nil ? 0 : 1),
      x.bias ?? x.c, Int32(x.bias == nil ? 0 : 1), x.epilogue.kept ?? x.c, x.epilogue.code,
      Int32(m), Int32(n), Int32(k), Int32(shape.rowStrides.a), Int32(shape.rowStrides.c),
      Int64(shape.batchStrides.a), Int64(packedBatch == 1 ? 0 : packedStride),
      Int64(shape.batchStrides.c), Int32(group.rows), Int32(group.panels))
  }

  /// TN on a CPU: one partial product per split of K, then their sum.
  func launchSplits(_ x: MatmulOperands, _ shape: MatmulShape, _ tiling: MatmulTiling) throws {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    let blocks = tiling.splitBlocks(shape)
    let splits = MatmulSplits(k: k, most: 31 / (blocks * shape.batch))
    let size = m * n + (x.columnSums == nil ? 0 : m)
    let partial = try empty([shape.batch, splits.count, size])
    try launch(
      "matmul_splits", in: "matmul_splits_cpu", after: Self.tile,
      Grid(groups: (splits.count, blocks, shape.batch)), cost: shape.cost, x.a, x.b, partial,
      Int32(x.columnSums == nil ? 0 : 1), Int32(m), Int32(n), Int32(k), Int32(shape.rowStrides.a),
      Int32(shape.rowStrides.b), Int64(shape.batchStrides.a), Int64(shape.batchStrides.b),
      Int32(splits.slice), Int32(size))
    try launchReduce(
      partial, x, shape, splits.count, in: "matmul_splits_cpu", after: Self.tile,
      columns: tiling.reducedColumns, items: 1)
  }

  /// Any layout on a GPU; TN in splits of K, as on a CPU.
  func launchTiles(_ x: MatmulOperands, _ shape: MatmulShape) throws {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    let tiling = MatmulGPUTiling(shape, hasMatrixUnit: matrixUnit != nil)
    let form = GPUTileForm(matrixUnit)
    let (tiles, splits) = (tiling.tiles, tiling.splits)
    let isSplit = shape.transposeA
    let size = m * n + (x.columnSums == nil ? 0 : m)
    let target = isSplit ? try empty([shape.batch, splits.count, size]) : x.c
    let (source, shared): (StaticString, [StaticString]) = (
      "matmul_gpu", Self.common + form.shared
    )
    let options: KernelOptions =
      [
        "TRANSPOSE_A": shape.transposeA ? 1 : 0, "TRANSPOSE_B": shape.transposeB ? 1 : 0,
        "TILE_ROWS": tiling.rows,
      ] + form.options
    try launch(
      form.kernel("matmul_tile", matrixUnit: "mma_matmul_tile"), in: source, after: shared,
      options: options,
      Grid(groups: tiles.0 * tiles.1 * shape.batch * splits.count, size: 64),
      cost: shape.cost, x.a, x.b, target, x.base ?? target,
      Int32(x.base == nil || isSplit ? 0 : 1), x.bias ?? target, Int32(x.bias == nil ? 0 : 1),
      x.epilogue.kept ?? target, x.epilogue.code, Int32(x.columnSums == nil ? 0 : 1),
      Int32(m), Int32(n), Int32(k), Int32(shape.rowStrides.a), Int32(shape.rowStrides.b),
      Int32(isSplit ? n : shape.rowStrides.c), Int64(shape.batchStrides.a),
      Int64(shape.batchStrides.b), Int64(isSplit ? size : shape.batchStrides.c),
      Int32(splits.count), Int32(splits.slice))
    if isSplit {
      try launchReduce(
        target, x, shape, splits.count, in: source, after: shared, options: options, columns: 64,
        items: 256)
    }
  }

  /// The sum of split products, by a kernel of the program that made them.
  private func launchReduce(
    _ partial: Tensor, _ x: MatmulOperands, _ shape: MatmulShape, _ splits: Int,
    in source: StaticString, after shared: [StaticString], options: KernelOptions = [:],
    columns: Int, items: Int
  ) throws {
    let (m, n) = (shape.m, shape.n)
    let rows = m + (x.columnSums == nil ? 0 : 1)
    let longest = x.columnSums == nil ? n : max(m, n)
    try launch(
      "matmul_reduce", in: source, after: shared, options: options,
      Grid(groups: longest.dividedRoundingUp(by: columns) * rows * shape.batch, size: items),
      cost: KernelCost(bytes: Double(4 * partial.count)), partial, x.c, x.base ?? x.c,
      Int32(x.base == nil ? 0 : 1), x.columnSums ?? x.c, Int32(x.columnSums == nil ? 0 : 1),
      Int32(m), Int32(n), Int32(shape.rowStrides.c), Int64(shape.batchStrides.c), Int32(splits),
      Int32(m * n + (x.columnSums == nil ? 0 : m)))
  }
}

extension MatmulShape {
  /// For the profile: every operand moves once.
  var cost: KernelCost {
    KernelCost(flops: flops, bytes: Double(4 * batch * (m * k + k * n + m * n)))
  }
}
