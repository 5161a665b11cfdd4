import ClseqRuntime

extension LinearCrossEntropy {
  /// Sizes of the CPU kernels, which are built with them.
  struct CPUTiling {
    static let scoreSource: StaticString = "linear_cross_entropy_cpu"
    static let scoreTile: [StaticString] = ["score_tile_cpu", "softmax_shift_cpu"]
    static let gradientSource: StaticString = "linear_cross_entropy_gradients_cpu"
    /// Events per work-item of the scores.
    static let scoreRows = 48
    /// Events per work-item of the input gradient.
    static let gradientRows = 48
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
      let round = computeUnits * Self.gradientRows
      let maximum = max(computeUnits * Self.cachedByteCount / rowByteCount / round, 1) * round
      let chunkCount = Self.blocks(events, maximum)
      let even = Self.blocks(events, chunkCount)
      capacity = min(
        Self.blocks(even, round) * round,
        Self.blocks(events, Self.gradientRows) * Self.gradientRows)
    }

    /// How many blocks of `size` cover `count`.
    static func blocks(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }

    func options(blockRows: Int) -> KernelOptions {
      ["PANEL": panel, "STRIP": strip, "BLOCK_ROWS": blockRows]
    }

    var scoreOptions: KernelOptions { options(blockRows: Self.scoreRows) }
    var gradientOptions: KernelOptions { options(blockRows: Self.gradientRows) }
  }

  /// The arrays that the kernels of the CPU tuning share in one pass.
  struct CPUWorkspace {
    let panels: Tensor
    let strips: Tensor
    let weights: Tensor
    let scaled: Tensor
    let factors: Tensor
    let losses: Tensor
  }

  /// The pass by `linear_cross_entropy_cpu.cl` and `linear_cross_entropy_gradients_cpu.cl`.
  func runOnCPU(vectorWidth: Int, computeUnits: Int) throws -> Tensor {
    try runOnCPU(vectorWidth: vectorWidth, computeUnits: computeUnits, score: launchScore)
  }

  /// A pass with other weights than those of the softmax.
  ///
  /// - Parameter score: writes weights, scaled, factors and losses of a chunk of events; only
  ///   losses if there are no gradients.
  func runOnCPU(
    vectorWidth: Int, computeUnits: Int,
    score: (Range<Int>, CPUTiling, CPUWorkspace) throws -> Void
  ) throws -> Tensor {
    let tiling = CPUTiling(
      vectorWidth: vectorWidth, events: events, classCount: classCount, width: width,
      computeUnits: computeUnits)
    let space = try workspace(tiling)
    try backend.launch(
      "linear_cross_entropy_pack", in: CPUTiling.scoreSource, after: CPUTiling.scoreTile,
      options: tiling.scoreOptions,
      Grid(groups: tiling.panelCount), table, space.panels, space.strips, Int32(firstClass),
      Int32(classCount), Int32(width))
    if let gradients {
      for start in stride(from: 0, to: events, by: tiling.capacity) {
        let chunk = start..<min(start + tiling.capacity, events)
        try score(chunk, tiling, space)
        try launchGradients(chunk, gradients, tiling, space)
      }
    } else {
      try score(0..<events, tiling, space)
    }
    return try backend.sumLosses(space.losses, scale: scale)
  }

  private func workspace(_ tiling: CPUTiling) throws -> CPUWorkspace {
    let rows = gradients == nil ? 0 : tiling.capacity
    return CPUWorkspace(
      panels: try backend.empty([tiling.panelCount, width, tiling.panel]),
      strips: try backend.empty([tiling.stripCount, tiling.panelCount * tiling.panel, tiling.strip]
      ),
      weights: try backend.empty([tiling.panelCount, rows, tiling.panel]),
      scaled: try backend.empty([tiling.stripCount, rows, tiling.strip]),
      factors: try backend.empty([rows]),
      losses: try backend.empty([events]))
  }

  private func launchScore(_ chunk: Range<Int>, _ tiling: CPUTiling, _ space: CPUWorkspace) throws {
    try backend.launch(
      "linear_cross_entropy_score", in: CPUTiling.scoreSource, after: CPUTiling.scoreTile,
      options: tiling.scoreOptions,
      Grid(groups: CPUTiling.blocks(chunk.count, CPUTiling.scoreRows)), cost: cost(chunk.count), x,
      table,
      targets,
      space.panels, space.weights, space.scaled, space.factors, space.losses,
      Int32(chunk.lowerBound), Int32(chunk.count), Int32(tiling.capacity), Int32(firstClass),
      Int32(classCount), Int32(width), scale, Int32(gradients == nil ? 0 : 1))
  }

  private func launchGradients(
    _ chunk: Range<Int>, _ gradients: (input: Tensor, table: Tensor?), _ tiling: CPUTiling,
    _ space: CPUWorkspace
  ) throws {
    try backend.launch(
      "linear_cross_entropy_input_gradient", in: CPUTiling.gradientSource,
      options: tiling.gradientOptions,
      Grid(groups: CPUTiling.blocks(chunk.count, CPUTiling.gradientRows)), cost: cost(chunk.count),
      space.weights,
      space.strips, space.factors, gradients.input, Int32(chunk.lowerBound), Int32(chunk.count),
      Int32(tiling.capacity), Int32(classCount), Int32(width))
    guard let table = gradients.table else { return }
    try backend.launch(
      "linear_cross_entropy_table_gradient", in: CPUTiling.gradientSource,
      options: tiling.gradientOptions,
      Grid(groups: tiling.panelCount), cost: cost(chunk.count), space.weights, space.scaled,
      table, Int32(chunk.count), Int32(tiling.capacity), Int32(firstClass),
      Int32(classCount), Int32(width))
  }
}
