import ClseqRuntime

extension LinearCrossEntropy {
  /// Sizes of the GPU kernels.
  struct GPUTiling {
    static let source = "linear_cross_entropy_gpu"
    /// Compiled before the source.
    static let shared = ["tile_gpu"]
    /// Rows and columns of a work-group's tile.
    static let tile = 64
    /// Work-items of a product's group.
    static let tileItems = 64
    /// Work-items of the other kernels' groups.
    static let items = 256
    /// Work-groups that a product should have at least.
    static let groupsWanted = 512
    /// Largest workspace for the weights of a chunk.
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
      classesPerSplit = Self.splitSize(of: classCount, tileCount: Self.tiles(capacity) * across)
      classSplits = (classCount + classesPerSplit - 1) / classesPerSplit
      eventsPerSplit = Self.splitSize(of: capacity, tileCount: Self.tiles(classCount) * across)
    }

    /// Splits of the table gradient of `count` events.
    func eventSplits(_ count: Int) -> Int { (count + eventsPerSplit - 1) / eventsPerSplit }

    /// Terms of each split of a sum over `depth`, so that `tileCount` tiles fill a device.
    private static func splitSize(of depth: Int, tileCount: Int) -> Int {
      let splits = min(max(groupsWanted / tileCount, 1), 16, tiles(depth))
      return (depth + splits - 1) / splits
    }
  }

  /// The arrays that the kernels of the GPU tuning share in one pass.
  struct GPUWorkspace {
    let weights: Tensor
    let splits: Tensor
    let losses: Tensor
  }

  /// The pass by `linear_cross_entropy_gpu.cl`.
  func runOnGPU() throws -> Tensor {
    try runOnGPU(weigh: launchSoftmax)
  }

  /// A pass with other weights than those of the softmax.
  ///
  /// - Parameter weigh: turns the scores of a chunk of events into weights, in place, and writes
  ///   its losses.
  func runOnGPU(weigh: (Range<Int>, GPUWorkspace) throws -> Void) throws -> Tensor {
    let tiling = GPUTiling(events: events, classCount: classCount, width: width)
    let space = GPUWorkspace(
      weights: try backend.empty([tiling.capacity, classCount]),
      splits: try backend.empty([gradients == nil ? 0 : splitElements(tiling)]),
      losses: try backend.empty([events]))
    for start in stride(from: 0, to: events, by: tiling.capacity) {
      let chunk = start..<min(start + tiling.capacity, events)
      try launchScores(chunk, space)
      try weigh(chunk, space)
      if let gradients {
        try launchInputGradient(chunk, gradients.input, tiling, space)
        try launchTableGradient(chunk, gradients.table, tiling, space)
      }
    }
    return try backend.sumLosses(space.losses, scale: scale)
  }

  /// Floats of the splits of either gradient.
  private func splitElements(_ tiling: GPUTiling) -> Int {
    let input = tiling.classSplits
    let table = tiling.eventSplits(tiling.capacity)
    return max(
      input == 1 ? 0 : input * tiling.capacity * width,
      table == 1 ? 0 : table * classCount * width)
  }

  private func launchScores(_ chunk: Range<Int>, _ space: GPUWorkspace) throws {
    try backend.launch(
      "linear_cross_entropy_score", in: GPUTiling.source, after: GPUTiling.shared,
      Grid(
        groups: (GPUTiling.tiles(classCount), GPUTiling.tiles(chunk.count), 1),
        size: (GPUTiling.tileItems, 1, 1)), cost: cost(chunk.count), x, table, space.weights,
      Int32(chunk.lowerBound), Int32(chunk.count), Int32(firstClass), Int32(classCount),
      Int32(classCount), Int32(width))
  }

  private func launchSoftmax(_ chunk: Range<Int>, _ space: GPUWorkspace) throws {
    try backend.launch(
      "linear_cross_entropy_softmax", in: GPUTiling.source, after: GPUTiling.shared,
      Grid(groups: chunk.count, size: GPUTiling.items),
      cost: KernelCost(bytes: Double(chunk.count) * Double(classCount) * 16), space.weights,
      targets, space.losses, Int32(chunk.lowerBound), Int32(firstClass), Int32(classCount),
      Int32(classCount), scale, Int32(gradients == nil ? 0 : 1))
  }

  private func launchInputGradient(
    _ chunk: Range<Int>, _ dx: Tensor, _ tiling: GPUTiling, _ space: GPUWorkspace
  ) throws {
    let splits = tiling.classSplits
    let offset = chunk.lowerBound * width
    try backend.launch(
      "linear_cross_entropy_input_gradient", in: GPUTiling.source, after: GPUTiling.shared,
      Grid(
        groups: (GPUTiling.tiles(width), GPUTiling.tiles(chunk.count), splits),
        size: (GPUTiling.tileItems, 1, 1)), cost: cost(chunk.count), space.weights, table,
      splits == 1 ? dx : space.splits, Int32(splits == 1 ? offset : 0), Int32(chunk.count),
      Int32(firstClass), Int32(classCount), Int32(classCount), Int32(width),
      Int32(tiling.classesPerSplit))
    if splits > 1 {
      try launchFold(space.splits, dx, offset, chunk.count * width, splits, adding: false)
    }
  }

  private func launchTableGradient(
    _ chunk: Range<Int>, _ tableGradient: Tensor, _ tiling: GPUTiling, _ space: GPUWorkspace
  ) throws {
    let splits = tiling.eventSplits(chunk.count)
    let offset = firstClass * width
    try backend.launch(
      "linear_cross_entropy_table_gradient", in: GPUTiling.source, after: GPUTiling.shared,
      Grid(
        groups: (GPUTiling.tiles(classCount), GPUTiling.tiles(width), splits),
        size: (GPUTiling.tileItems, 1, 1)), cost: cost(chunk.count), space.weights, x,
      splits == 1 ? tableGradient : space.splits, Int32(splits == 1 ? offset : 0),
      Int32(chunk.lowerBound), Int32(chunk.count), Int32(classCount), Int32(classCount),
      Int32(width), Int32(tiling.eventsPerSplit), Int32(splits == 1 ? 1 : 0))
    if splits > 1 {
      try launchFold(space.splits, tableGradient, offset, classCount * width, splits, adding: true)
    }
  }

  private func launchFold(
    _ partial: Tensor, _ out: Tensor, _ offset: Int, _ count: Int, _ splits: Int, adding: Bool
  ) throws {
    try backend.launch(
      "linear_cross_entropy_fold", in: GPUTiling.source, after: GPUTiling.shared,
      Grid(groups: (count + GPUTiling.items - 1) / GPUTiling.items, size: GPUTiling.items),
      cost: KernelCost(bytes: Double(count) * Double(splits + 1) * 4), partial, out, Int32(offset),
      Int32(count), Int32(splits), Int32(adding ? 1 : 0))
  }
}
