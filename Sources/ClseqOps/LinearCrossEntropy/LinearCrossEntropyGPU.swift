import ClseqRuntime

extension LinearCrossEntropy {
  /// Sizes of the GPU kernels.
  struct GPUTiling {
    static let scoreSource: StaticString = "linear_cross_entropy_gpu"
    static let gradientSource: StaticString = "linear_cross_entropy_gradients_gpu"
    /// Rows and columns of a work-group's tile.
    static let tile = 64
    /// Work-items of a product's group.
    static let tileItems = 64
    /// Work-items of the other kernels' groups.
    static let items = 256
    /// Largest workspace for the weights of a chunk, which are written once and read twice. One that
    /// fits the device's cache would save little: at 3,416 classes and 64 channels 100 floating-point
    /// operations are done per byte, and each chunk costs five launches.
    static let weightByteCount = 64 << 20

    static func tiles(_ count: Int) -> Int { (count + tile - 1) / tile }

    /// Maximum number of events of a chunk.
    let capacity: Int
    /// Classes that one work-group of the input gradient sums.
    let classesPerSplit: Int
    /// Splits of the input gradient.
    let classSplits: Int
    /// Events that one work-group of the table gradient sums.
    let eventsPerSplit: Int

    init(events: Int, classCount: Int, width: Int) {
      let maximum = Self.weightByteCount / (classCount * MemoryLayout<Float>.stride)
      capacity = min(max(maximum / Self.tile, 1) * Self.tile, events)
      let across = Self.tiles(width)
      // Whole tiles: the weights of each have one factor.
      classesPerSplit =
        Self.splitSize(of: classCount, tileCount: Self.tiles(capacity) * across) / Self.tile
        * Self.tile
      classSplits = (classCount + classesPerSplit - 1) / classesPerSplit
      eventsPerSplit = Self.splitSize(of: capacity, tileCount: Self.tiles(classCount) * across)
    }

    /// Splits of the table gradient of `count` events.
    func eventSplits(_ count: Int) -> Int { (count + eventsPerSplit - 1) / eventsPerSplit }

    /// Terms of each split of a sum over `depth`, at least a tile's, so that `tileCount` tiles fill a
    /// device.
    private static func splitSize(of depth: Int, tileCount: Int) -> Int {
      tileCount >= Tuning.groupsOfLargeGPU
        ? tiles(depth) * tile : max(depth * tileCount / Tuning.groupsOfLargeGPU, tile)
    }
  }

  /// The arrays that the kernels of the GPU tuning share in one pass.
  struct GPUWorkspace {
    let weights: Tensor
    /// Of the softmax: what each tile's weights are multiplied by.
    let parts: Tensor?
    let splits: Tensor
    let losses: Tensor
  }

  /// The pass by `linear_cross_entropy_gpu.cl`.
  func runOnGPU() throws -> Tensor {
    try runOnGPU(weigh: nil)
  }

  /// A pass with other weights than those of the softmax.
  ///
  /// - Parameter weigh: turns the scores of a chunk of events into weights, in place, and writes
  ///   its losses.
  func runOnGPU(weigh: ((Range<Int>, GPUWorkspace) throws -> Void)?) throws -> Tensor {
    let tiling = GPUTiling(events: events, classCount: classCount, width: width)
    let space = GPUWorkspace(
      weights: try backend.empty([tiling.capacity, classCount]),
      parts: weigh == nil
        ? try backend.empty([tiling.capacity, GPUTiling.tiles(classCount), 2]) : nil,
      splits: try backend.empty([gradients == nil ? 0 : splitElements(tiling)]),
      losses: try backend.empty([events]))
    for start in stride(from: 0, to: events, by: tiling.capacity) {
      let chunk = start..<min(start + tiling.capacity, events)
      if let weigh {
        try launchScores(chunk, into: space.weights)
        try weigh(chunk, space)
      } else {
        try launchSoftmax(chunk, space)
      }
      if let gradients { try launchGradients(chunk, gradients, tiling, space) }
    }
    return try reduced(space.losses)
  }

  private var form: GPUTileForm { GPUTileForm(backend.matrixUnit) }
  private var options: KernelOptions { form.options + table.tableOptions }

  /// Floats of the splits of both gradients.
  private func splitElements(_ tiling: GPUTiling) -> Int {
    let input = tiling.classSplits
    let table = tiling.eventSplits(tiling.capacity)
    return (input == 1 ? 0 : input * tiling.capacity * width)
      + (table == 1 ? 0 : table * classCount * width)
  }

  /// Tiles of a chunk's scores.
  private func scoreGrid(_ chunk: Range<Int>) -> Grid {
    Grid(
      groups: (GPUTiling.tiles(classCount), GPUTiling.tiles(chunk.count), 1),
      size: (GPUTiling.tileItems, 1, 1))
  }

  /// Writes the scores of a chunk of events, `[chunk, V]`.
  func launchScores(_ chunk: Range<Int>, into scores: Tensor) throws {
    try backend.launch(
      form.kernel(
        "linear_cross_entropy_score", matrixUnit: "mma_linear_cross_entropy_score"),
      in: GPUTiling.scoreSource, after: form.shared, options: options,
      scoreGrid(chunk), cost: cost(chunk.count), x, table, scores, Int32(chunk.lowerBound),
      Int32(chunk.count), Int32(firstClass), Int32(classCount), Int32(classCount), Int32(width))
  }

  private func launchSoftmax(_ chunk: Range<Int>, _ space: GPUWorkspace) throws {
    let parts = space.parts ?? space.weights
    try backend.launch(
      form.kernel(
        "linear_cross_entropy_exponentials", matrixUnit: "mma_linear_cross_entropy_exponentials"),
      in: GPUTiling.scoreSource, after: form.shared, options: options,
      scoreGrid(chunk), cost: cost(chunk.count), x, table, targets, space.weights, parts,
      space.losses, Int32(chunk.lowerBound), Int32(chunk.count), Int32(firstClass),
      Int32(classCount), Int32(classCount), Int32(width))
    let bytes = Double(chunk.count * GPUTiling.tiles(classCount)) * 32
    try backend.launch(
      "linear_cross_entropy_softmax", in: GPUTiling.scoreSource, after: form.shared,
      options: options,
      Grid(groups: chunk.count, size: GPUTiling.items), cost: KernelCost(bytes: bytes),
      space.weights, parts, targets, space.losses, Int32(chunk.lowerBound), Int32(firstClass),
      Int32(classCount), Int32(classCount), scale, Int32(gradients == nil ? 0 : 1))
  }

  /// Both gradients of a chunk: two products, and the sum of their splits.
  private func launchGradients(
    _ chunk: Range<Int>, _ gradients: (input: Tensor, table: Tensor?), _ tiling: GPUTiling,
    _ space: GPUWorkspace
  ) throws {
    let classSplits = tiling.classSplits
    // The gradient of a frozen table is complete without a sum.
    let eventSplits = gradients.table == nil ? 1 : tiling.eventSplits(chunk.count)
    let (inputCount, tableCount) = (chunk.count * width, classCount * width)
    let (inputStart, tableStart) = (chunk.lowerBound * width, firstClass * width)
    let parts = space.parts ?? space.weights
    let hasParts = Int32(space.parts == nil ? 0 : 1)
    try backend.launch(
      form.kernel(
        "linear_cross_entropy_input_gradient", matrixUnit: "mma_linear_cross_entropy_input_gradient"
      ), in: GPUTiling.gradientSource, after: form.shared, options: options,
      Grid(
        groups: (GPUTiling.tiles(width), GPUTiling.tiles(chunk.count), classSplits),
        size: (GPUTiling.tileItems, 1, 1)), cost: cost(chunk.count), space.weights, parts,
      hasParts, table, classSplits == 1 ? gradients.input : space.splits,
      Int32(classSplits == 1 ? inputStart : 0), Int32(chunk.count), Int32(firstClass),
      Int32(classCount), Int32(classCount), Int32(width), Int32(tiling.classesPerSplit))
    let tableSplits = classSplits == 1 ? 0 : classSplits * inputCount
    if let tableGradient = gradients.table {
      try backend.launch(
        form.kernel(
          "linear_cross_entropy_table_gradient",
          matrixUnit: "mma_linear_cross_entropy_table_gradient"
        ), in: GPUTiling.gradientSource, after: form.shared, options: options,
        Grid(
          groups: (GPUTiling.tiles(classCount), GPUTiling.tiles(width), eventSplits),
          size: (GPUTiling.tileItems, 1, 1)), cost: cost(chunk.count), space.weights, parts,
        hasParts, x, eventSplits == 1 ? tableGradient : space.splits,
        Int32(eventSplits == 1 ? tableStart : tableSplits), Int32(chunk.lowerBound),
        Int32(chunk.count), Int32(classCount), Int32(classCount), Int32(width),
        Int32(tiling.eventsPerSplit), Int32(eventSplits == 1 ? 1 : 0))
    }
    let folded = (classSplits == 1 ? 0 : inputCount, eventSplits == 1 ? 0 : tableCount)
    guard folded != (0, 0) else { return }
    let bytes = 4 * (folded.0 * (classSplits + 1) + folded.1 * (eventSplits + 2))
    try backend.launch(
      "linear_cross_entropy_fold", in: GPUTiling.gradientSource, after: form.shared,
      options: options,
      Grid(
        groups: GPUTiling.tiles(folded.0) + GPUTiling.tiles(folded.1), size: GPUTiling.items),
      cost: KernelCost(bytes: Double(bytes)), space.splits, gradients.input, Int32(inputStart),
      Int32(inputCount), Int32(classSplits), gradients.table ?? gradients.input, Int32(tableStart),
      Int32(tableCount), Int32(eventSplits))
  }
}
