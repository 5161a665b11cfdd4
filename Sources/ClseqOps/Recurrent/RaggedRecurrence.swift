import ClseqRuntime

/// The division of work of a recurrence over the sequences of a ragged batch.
struct RaggedRecurrence {
  /// First event of each sequence, `[B + 1]`.
  let offsets: Indices
  /// The sequences by length, longest first, `[B]`.
  let order: Indices
  /// Number of blocks of sequences that work-groups have taken in one launch, `[1]` for each pass.
  let taken: (forward: Indices, backward: Indices)
  /// Steps of the longest sequence, or more.
  let maximumLength: Int
  let form: RecurrentForm

  var sequenceCount: Int { offsets.count - 1 }

  /// Ranges of steps in the order of time, one per launch.
  var forwardLaunches: [Range<Int>] {
    switch form {
    case .sequences: [0..<maximumLength]
    case .steps: (0..<maximumLength).map { $0..<$0 + 1 }
    }
  }

  /// Ranges of steps against the order of time, one per launch.
  ///
  /// - Parameter toInitial: whether step -1 computes the gradient of the initial state.
  func backwardLaunches(toInitial: Bool) -> [Range<Int>] {
    let first = toInitial ? -1 : 0
    switch form {
    case .sequences: return [first..<maximumLength]
    case .steps: return (first..<maximumLength).reversed().map { $0..<$0 + 1 }
    }
  }

  /// Whether work-groups take blocks of sequences from a queue; else each computes the block of its
  /// own number.
  var hasQueue: Int32 { form == .sequences ? 1 : 0 }
}

extension Backend {
  /// - Parameter form: one launch in all, or one per step.
  func recurrence(
    offsets: Indices, maximumLength: Int, form: RecurrentForm
  ) throws -> RaggedRecurrence {
    let count = offsets.count - 1
    let recurrence = RaggedRecurrence(
      offsets: offsets, order: try emptyIndices(count),
      taken: (try emptyIndices(1), try emptyIndices(1)), maximumLength: maximumLength, form: form)
    if !isReference && count > 0 {
      try launchRows(
        "recurrent_order", Grid(groups: count.dividedRoundingUp(by: rowTuning.sequences)),
        KernelCost(bytes: Double(8 * count)), offsets, recurrence.order, recurrence.taken.forward,
        recurrence.taken.backward, Int32(count))
    }
    return recurrence
  }

  /// The grid of a launch.
  ///
  /// - Parameter units: units that the work-groups of a GPU can divide among them in a launch of
  ///   one step.
  func grid(of recurrence: RaggedRecurrence, units: Int) -> Grid {
    let count = recurrence.sequenceCount
    switch tuning {
    case .cpu(let vectorWidth):
      let blockRows = 2 * MatmulTiling(vectorWidth: vectorWidth).rows  // as in recurrent_cpu.cl
      guard recurrence.form == .sequences else {
        return Grid(groups: count.dividedRoundingUp(by: blockRows))
      }
      // pocl hands a core half of the remaining work-groups at a time: there are enough for every
      // core to get one, though some will find the queue empty.
      return Grid(groups: 16 * (context?.device.computeUnits ?? 1))
    case .gpu:
      let size = Self.units(of: recurrence)
      let parts = recurrence.form == .steps ? units.dividedRoundingUp(by: size) : 1
      let blockRows = 8  // as in recurrent_gpu.cl
      return Grid(groups: (count.dividedRoundingUp(by: blockRows), parts, 1), size: (size, 1, 1))
    }
  }

  /// Work-items of a group on a GPU (`UNITS`).
  private static func units(of recurrence: RaggedRecurrence) -> Int {
    recurrence.form == .steps ? 32 : 128
  }

  /// Launches a kernel of `lstm_*.cl` or `gru_*.cl`.
  func launchRecurrence<each A: KernelArgument>(
    _ kernel: String, of cell: String, _ recurrence: RaggedRecurrence, units: Int,
    cost: KernelCost, _ arguments: repeat each A
  ) throws {
    let grid = grid(of: recurrence, units: units)
    switch tuning {
    case .cpu:
      try launch(
        kernel, in: "\(cell)_cpu",
        after: [
          "gelu", "matmul_common", "matmul_tile_cpu", "recurrent_gates", "recurrent_cpu",
          "\(cell)_cell",
        ], grid, cost: cost, repeat each arguments)
    case .gpu:
      try launch(
        kernel, in: "\(cell)_gpu",
        after: ["gelu", "matmul_common", "recurrent_gates", "recurrent_gpu", "\(cell)_cell"],
        options: ["-DUNITS=\(Self.units(of: recurrence))"], grid, cost: cost,
        repeat each arguments)
    }
  }
}
