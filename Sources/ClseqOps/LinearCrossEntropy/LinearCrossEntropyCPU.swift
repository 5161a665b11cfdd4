import ClseqRuntime

extension LinearCrossEntropy {
  /// Sizes of the CPU kernels, which are built with them.
  struct CPUTiling {
    static let scoreSource: StaticString = "linear_cross_entropy_cpu"
    static let scoreTile: [StaticString] = [
      "tile_cpu", "softmax_shift_cpu", "input_gradient_cpu",
    ]
    static let gradientSource: StaticString = "linear_cross_entropy_gradients_cpu"
    /// Events per work-item of the scores.
    static let scoreRows = 48
    /// Bytes of a chunk's weights that each core's part of the last-level cache should hold.
    static let cachedByteCount = 4 << 20

    /// Classes of a panel: three vectors.
    let panel: Int
    /// Channels of a strip: two vectors.
    let strip: Int
    /// Panels of the table.
    let panelCount: Int
    /// Strips of the table.
    let stripCount: Int
    /// Maximum number of events of a chunk.
    let capacity: Int

    init(vectorWidth: Int, events: Int, classCount: Int, width: Int, computeUnits: Int) {
      panel = 3 * vectorWidth
      strip = 2 * vectorWidth
      panelCount = (classCount + panel - 1) / panel
      stripCount = (width + strip - 1) / strip
      // As many events as have their weights in cache, with the same number of blocks for each
      // core; then chunks of equal size.
      let rowByteCount = panelCount * panel * MemoryLayout<Float>.stride
      let round = computeUnits * Self.scoreRows
      let maximum = max(computeUnits * Self.cachedByteCount / rowByteCount / round, 1) * round
      let chunkCount = Self.blocks(events, maximum)
      let even = Self.blocks(events, chunkCount)
      capacity = min(
        Self.blocks(even, round) * round,
        Self.blocks(events, Self.scoreRows) * Self.scoreRows)
    }

    /// How many blocks of `size` cover `count`.
    static func blocks(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }

    var options: KernelOptions {
      ["TILE_ROWS": panel / 6, "TILE_VECTORS": 3, "BLOCK_ROWS": Self.scoreRows]
    }
  }

  /// The arrays that the kernels of the CPU tuning share in one pass.
  struct CPUWorkspace {
    let panels: Tensor
    let strips: Tensor
    let weights: Tensor
    let scaled: Tensor
    let losses: Tensor
  }

  /// The pass by `linear_cross_entropy_cpu.cl` and `linear_cross_entropy_gradients_cpu.cl`.
  func runOnCPU(vectorWidth: Int, computeUnits: Int) throws -> Tensor {
    try runOnCPU(vectorWidth: vectorWidth, computeUnits: computeUnits, score: launchScore)
  }

  /// A pass with other weights than those of the softmax.
  ///
  /// - Parameters:
  ///   - keepsScores: whether `score` needs the weights' place without gradients too.
  ///   - score: writes weights, scaled, the input's gradient and losses of a chunk of events;
  ///     only losses if there are no gradients.
  func runOnCPU(
    vectorWidth: Int, computeUnits: Int, keepsScores: Bool = false,
    score: (Range<Int>, CPUTiling, CPUWorkspace) throws -> Void
  ) throws -> Tensor {
    let tiling = cpuTiling(vectorWidth: vectorWidth, computeUnits: computeUnits)
    let isChunked = gradients != nil || keepsScores
    let (panels, strips) = try packed(tiling)
    let space = CPUWorkspace(
      panels: panels, strips: strips,
      weights: try backend.empty(
        [tiling.panelCount, isChunked ? tiling.capacity : 0, tiling.panel]),
      scaled: try backend.empty(
        [tiling.stripCount, gradients == nil ? 0 : tiling.capacity, tiling.strip]),
      losses: try backend.empty([events]))
    for start in stride(from: 0, to: events, by: isChunked ? tiling.capacity : events) {
      let chunk = start..<min(start + (isChunked ? tiling.capacity : events), events)
      try score(chunk, tiling, space)
      if let gradients { try launchTableGradient(chunk, gradients.table, tiling, space) }
    }
    return try reduced(space.losses)
  }

  func cpuTiling(vectorWidth: Int, computeUnits: Int) -> CPUTiling {
    CPUTiling(
      vectorWidth: vectorWidth, events: events, classCount: classCount, width: width,
      computeUnits: computeUnits)
  }

  /// The classes as panels and as strips.
  func packed(_ tiling: CPUTiling) throws -> (panels: Tensor, strips: Tensor) {
    let panels = try backend.empty([tiling.panelCount, width, tiling.panel])
    let strips = try backend.empty(
      [tiling.stripCount, tiling.panelCount * tiling.panel, tiling.strip])
    try backend.launch(
      "linear_cross_entropy_pack", in: CPUTiling.scoreSource, after: CPUTiling.scoreTile,
      options: tiling.options + table.tableOptions,
      Grid(groups: tiling.panelCount), table, panels, strips, Int32(firstClass),
      Int32(classCount), Int32(width))
    return (panels, strips)
  }

  private func launchScore(_ chunk: Range<Int>, _ tiling: CPUTiling, _ space: CPUWorkspace) throws {
    try backend.launch(
      "linear_cross_entropy_score", in: CPUTiling.scoreSource, after: CPUTiling.scoreTile,
      options: tiling.options + table.tableOptions,
      Grid(groups: CPUTiling.blocks(chunk.count, CPUTiling.scoreRows)),
      cost: scoreCost(chunk.count), x, table, targets, space.panels, space.strips, space.weights,
      space.scaled, gradients?.input ?? x, space.losses,
      Int32(chunk.lowerBound), Int32(chunk.count), Int32(tiling.capacity), Int32(firstClass),
      Int32(classCount), Int32(width), scale, Int32(gradients == nil ? 0 : 1))
  }

  private func launchTableGradient(
    _ chunk: Range<Int>, _ table: Tensor?, _ tiling: CPUTiling, _ space: CPUWorkspace
  ) throws {
    guard let table else { return }
    try backend.launch(
      "linear_cross_entropy_table_gradient", in: CPUTiling.gradientSource, after: ["tile_cpu"],
      options: tiling.options,
      Grid(groups: tiling.panelCount), cost: cost(chunk.count), space.weights, space.scaled,
      table, Int32(chunk.count), Int32(tiling.capacity), Int32(firstClass),
      Int32(classCount), Int32(width))
  }

  /// Operations of the scores and, if wanted, of the input's gradient, which follows in the same launch.
  func scoreCost(_ count: Int) -> KernelCost {
    KernelCost(flops: cost(count).flops * (gradients == nil ? 1 : 2))
  }
}
