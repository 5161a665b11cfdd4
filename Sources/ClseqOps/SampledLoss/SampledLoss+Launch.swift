import ClseqRuntime

extension SampledLoss {
  private static let rowSource: StaticString = "sampled_loss_rows"
  private static let terms: StaticString = "sampled_loss_terms"

  private var options: KernelOptions { ["KIND": Int(kind.code)] + table.tableOptions }
  /// Arguments of the kernels; without counts `x` stands in for them and is not read.
  private var logCounts: (negatives: Tensor, targets: Tensor, exist: Int32) {
    guard let counts = negatives.logExpectedCounts else {
      return (x, x, 0)
    }
    return (counts.negatives, counts.targets, 1)
  }

  // MARK: Shared negatives

  /// The pass of the full loss over the gathered rows, with other weights; then the targets' part.
  func runShared() throws -> Tensor {
    let gathered = try backend.gatherRows(table, rows: negatives.rows)
    var parts: (input: Tensor, table: Tensor?)?
    if let gradients {
      parts = (
        gradients.input, gradients.table == nil ? nil : try backend.zeros(gathered.shape)
      )
    }
    let targetGradients = try backend.empty([gradients == nil ? 0 : events])
    let pass = LinearCrossEntropy(
      backend: backend, x: x, table: gathered, targets: targets, firstClass: 0,
      classCount: negatives.countPerEvent, scale: scale,
      gradients: parts)
    let loss: Tensor
    switch backend.tuning {
    case .cpu(let vectorWidth):
      loss = try pass.runOnCPU(
        vectorWidth: vectorWidth, computeUnits: backend.context?.device.computeUnits ?? 1
      ) { chunk, tiling, space in
        try launchScore(chunk, pass, tiling, space, targetGradients)
      }
    case .gpu:
      loss = try pass.runOnGPU { chunk, space in
        try launchTerms(chunk, space, targetGradients)
      }
    }
    guard let gradients else { return loss }
    try backend.launch(
      "sampled_loss_input_gradient", in: Self.rowSource, options: table.tableOptions,
      backend.tuning.rowGrid(events),
      cost: KernelCost(bytes: Double(12 * x.count)), targetGradients, table, targets,
      gradients.input, Int32(events), Int32(firstClass), Int32(classCount), Int32(width))
    guard let tableGradient = gradients.table, let gatheredGradient = parts?.table else {
      return loss
    }
    try backend.launch(
      "sampled_loss_add_rows", in: Self.rowSource, options: table.tableOptions,
      rowGrid(negatives.rows.count),
      cost: KernelCost(bytes: Double(12 * gathered.count)), gatheredGradient, negatives.rows,
      tableGradient, Int32(width))
    try backend.segmentSum(
      x, gradients.targetRows, weights: targetGradients, into: tableGradient)
    return loss
  }

  private func launchScore(
    _ chunk: Range<Int>, _ pass: LinearCrossEntropy, _ tiling: LinearCrossEntropy.CPUTiling,
    _ space: LinearCrossEntropy.CPUWorkspace, _ targetGradients: Tensor
  ) throws {
    let counts = logCounts
    try backend.launch(
      "sampled_loss_shared_score", in: "sampled_loss_shared_cpu",
      after: LinearCrossEntropy.CPUTiling.scoreTile + [Self.terms],
      options: tiling.options + options,
      Grid(
        groups: LinearCrossEntropy.CPUTiling.blocks(
          chunk.count, LinearCrossEntropy.CPUTiling.scoreRows)),
      cost: pass.scoreCost(chunk.count), x, table, targets, negatives.rows, space.panels,
      space.strips, counts.negatives, counts.targets, counts.exist, space.weights,
      space.scaled, gradients?.input ?? x, targetGradients, space.losses, Int32(chunk.lowerBound),
      Int32(chunk.count),
      Int32(tiling.capacity), Int32(negatives.countPerEvent), Int32(firstClass),
      Int32(classCount), Int32(width), scale, targetWeight, Int32(gradients == nil ? 0 : 1))
  }

  private func launchTerms(
    _ chunk: Range<Int>, _ space: LinearCrossEntropy.GPUWorkspace, _ targetGradients: Tensor
  ) throws {
    let counts = logCounts
    try backend.launch(
      "sampled_loss_shared_terms", in: "sampled_loss_shared_gpu", after: [Self.terms],
      options: options, Grid(groups: chunk.count, size: 256),
      cost: KernelCost(bytes: Double(chunk.count) * Double(negatives.countPerEvent) * 16),
      space.weights, x, table, targets, negatives.rows, counts.negatives, counts.targets,
      counts.exist, targetGradients, space.losses, Int32(chunk.lowerBound),
      Int32(negatives.countPerEvent), Int32(firstClass), Int32(classCount), Int32(width), scale,
      targetWeight, Int32(gradients == nil ? 0 : 1))
  }

  // MARK: Negatives of each event's own

  /// Scores, loss and input gradient in one launch; then both parts of the table's gradient.
  func runOwn() throws -> Tensor {
    let k = negatives.countPerEvent
    let counts = logCounts
    let scoreGradients = try backend.empty([events, k])
    let targetGradients = try backend.empty([events])
    let losses = try backend.empty([events])
    let (grid, size) =
      backend.tuning == .gpu ? (events, 128) : (events.dividedRoundingUp(by: 16), 1)
    try backend.launch(
      "sampled_loss_own", in: "sampled_loss_own", after: [Self.terms], options: options,
      Grid(groups: grid, size: size),
      cost: KernelCost(
        flops: Double(4 * events * width) * Double(k + 1),
        bytes: Double(4 * events * width) * Double(k + 3)), x, table, targets, negatives.rows,
      counts.negatives, counts.targets, counts.exist, scoreGradients, targetGradients, losses,
      gradients?.input ?? x, Int32(events), Int32(k), Int32(firstClass), Int32(classCount),
      Int32(width), scale, targetWeight, Int32(gradients == nil ? 0 : 1))
    let loss = try backend.sumLosses(losses, scale: scale)
    guard let gradients, let tableGradient = gradients.table, let rowIndex = negatives.rowIndex
    else { return loss }
    try backend.segmentSum(
      x, gradients.targetRows, weights: targetGradients, into: tableGradient)
    try backend.segmentSum(
      x, rowIndex, weights: scoreGradients, perEntry: k, into: tableGradient)
    return loss
  }

  // MARK: Rows

  /// One work-group per row; on a GPU one per 32 channels of a row.
  private func rowGrid(_ rows: Int) -> Grid {
    switch backend.tuning {
    case .cpu: Grid(groups: rows)
    case .gpu:
      Grid(groups: (rows, width.dividedRoundingUp(by: 32), 1), size: (32, 1, 1))
    }
  }
}
