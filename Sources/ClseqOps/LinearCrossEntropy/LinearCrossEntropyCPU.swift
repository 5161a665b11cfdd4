import ClseqRuntime

extension LinearCrossEntropy {
  /// Sizes of the CPU kernels, which are built with them.
  private struct Tiling {
    /// Classes of a panel: three vectors.
    let panel: Int
    /// Channels of a strip: two vectors.
    let strip: Int
    /// Events of a work-item.
    let blockRows: Int
    /// Panels of the table.
    let panelCount: Int
    /// Strips of the table.
    let stripCount: Int
    /// Events of a chunk.
    let capacity: Int

    var options: [String] {
      ["-DPANEL=\(panel)", "-DSTRIP=\(strip)", "-DBLOCK_ROWS=\(blockRows)"]
    }

    init(vectorWidth: Int, events: Int, classCount: Int, width: Int) {
      panel = 3 * vectorWidth
      strip = 2 * vectorWidth
      blockRows = 48
      panelCount = (classCount + panel - 1) / panel
      stripCount = (width + strip - 1) / strip
      // Chunks of one size, as large as leaves their weights in the caches.
      let cachedByteCount = 8 << 20
      let most = cachedByteCount / (panelCount * panel * MemoryLayout<Float>.stride)
      let chunkCount = (events + max(most, blockRows) - 1) / max(most, blockRows)
      let even = (events + chunkCount - 1) / chunkCount
      capacity = (even + blockRows - 1) / blockRows * blockRows
    }

    func blocks(_ count: Int) -> Int { (count + blockRows - 1) / blockRows }
  }

  /// What the kernels of the CPU tuning share in one pass.
  private struct Workspace {
    let panels: Tensor
    let strips: Tensor
    let weights: Tensor
    let scaled: Tensor
    let factors: Tensor
    let losses: Tensor
  }

  /// The pass by `linear_cross_entropy_cpu.cl` and `linear_cross_entropy_gradients_cpu.cl`.
  func runOnCPU(vectorWidth: Int) throws -> Tensor {
    let tiling = Tiling(
      vectorWidth: vectorWidth, events: events, classCount: classCount, width: width)
    let space = try workspace(tiling)
    try backend.launch(
      "linear_cross_entropy_pack", in: "linear_cross_entropy_cpu", options: tiling.options,
      Grid(groups: tiling.panelCount), table, space.panels, space.strips, Int32(firstClass),
      Int32(classCount), Int32(width))
    if let gradients {
      for start in stride(from: 0, to: events, by: tiling.capacity) {
        let chunk = start..<min(start + tiling.capacity, events)
        try launchScore(chunk, tiling, space)
        try launchGradients(chunk, gradients, tiling, space)
      }
    } else {
      try launchScore(0..<events, tiling, space)
    }
    let loss = try backend.empty([1])
    try backend.launch(
      "linear_cross_entropy_sum", in: "linear_cross_entropy_cpu", options: tiling.options,
      Grid(groups: 1), space.losses, loss, Int32(events), scale)
    return loss
  }

  private func workspace(_ tiling: Tiling) throws -> Workspace {
    let kept = gradients == nil ? 0 : tiling.capacity
    return Workspace(
      panels: try backend.empty([tiling.panelCount, width, tiling.panel]),
      strips: try backend.empty([tiling.stripCount, tiling.panelCount * tiling.panel, tiling.strip]
      ),
      weights: try backend.empty([tiling.panelCount, kept, tiling.panel]),
      scaled: try backend.empty([tiling.stripCount, kept, tiling.strip]),
      factors: try backend.empty([kept]),
      losses: try backend.empty([events]))
  }

  private func launchScore(_ chunk: Range<Int>, _ tiling: Tiling, _ space: Workspace) throws {
    try backend.launch(
      "linear_cross_entropy_score", in: "linear_cross_entropy_cpu", options: tiling.options,
      Grid(groups: tiling.blocks(chunk.count)), cost: cost(chunk.count), x, table, targets,
      space.panels, space.weights, space.scaled, space.factors, space.losses,
      Int32(chunk.lowerBound), Int32(chunk.count), Int32(tiling.capacity), Int32(firstClass),
      Int32(classCount), Int32(width), scale, Int32(gradients == nil ? 0 : 1))
  }

  private func launchGradients(
    _ chunk: Range<Int>, _ gradients: (input: Tensor, table: Tensor), _ tiling: Tiling,
    _ space: Workspace
  ) throws {
    let source = "linear_cross_entropy_gradients_cpu"
    try backend.launch(
      "linear_cross_entropy_input_gradient", in: source, options: tiling.options,
      Grid(groups: tiling.blocks(chunk.count)), cost: cost(chunk.count), space.weights,
      space.strips, space.factors, gradients.input, Int32(chunk.lowerBound), Int32(chunk.count),
      Int32(tiling.capacity), Int32(classCount), Int32(width))
    try backend.launch(
      "linear_cross_entropy_table_gradient", in: source, options: tiling.options,
      Grid(groups: tiling.panelCount), cost: cost(chunk.count), space.weights, space.scaled,
      gradients.table, Int32(chunk.count), Int32(tiling.capacity), Int32(firstClass),
      Int32(classCount), Int32(width))
  }
}
