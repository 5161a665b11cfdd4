import ClseqRuntime

/// How the kernels of a recurrence divide its work; the results are equal up to the order of sums.
package enum RecurrentForm: CaseIterable, Sendable {
  /// One launch: a work-group computes all steps of its sequences.
  case sequences
  /// One launch per step, on a GPU alone: work-groups divide the units among them.
  case steps

  /// On a GPU one work-group has a work-item for each unit of a sequence, so that more units need
  /// several; between the steps they wait for each other, which only a launch can do.
  static func preferred(hidden: Int, _ tuning: Tuning) -> RecurrentForm {
    tuning == .gpu && hidden >= 256 ? .steps : .sequences
  }
}

/// One layer's forward pass: its arrays, which the backward pass reads, and the division of work.
struct Recurrence {
  let weights: RecurrentWeights
  let shape: RaggedShape
  let form: RecurrentForm
  /// The sequences by length, longest first, `[B]`, and the numbers of blocks of them that work-groups
  /// have taken in each pass, `[2]`; nil where each sequence has a work-group.
  var order: (sequences: Indices, taken: Indices)?
  let initial: LayerState?
  /// `[N, gates H]`: W_ih x + b_ih, then the gates, then the gradients of W_ih x + b_ih.
  let gates: Tensor
  /// c, or what else the cell keeps, `[N, H]`.
  let kept: Tensor
  /// h after each event, `[N, H]`.
  let output: Tensor
  /// h before each event, `[N, H]`; in training.
  let previous: Tensor?
  var final: LayerState?
}

/// Gradients that pass through a recurrence.
struct RecurrenceGradients {
  /// Of the output, `[N, H]`.
  let output: Tensor
  /// Of W_hh h + b_hh, `[N, gates H]`; the gates themselves where they are the same.
  let sums: Tensor
  /// `[B, H]`: of the final h, then of the initial one.
  let hidden: Tensor
  /// `[B, H]`: of the final c, then of the initial one.
  let memory: Tensor?
}

extension Backend {
  /// Ranks the sequences, where blocks of them are computed together.
  func prepare(_ x: inout Recurrence) throws {
    let count = x.shape.sequenceCount
    if isReference || count == 0 || (tuning == .gpu && x.form == .sequences) { return }
    let (order, taken) = (try emptyIndices(count), try emptyIndices(2))
    try launchRows(
      "recurrent_order", Grid(groups: count.dividedRoundingUp(by: rowTuning.sequences)),
      KernelCost(bytes: Double(8 * count)), x.shape.offsets, order, taken, Int32(count))
    x.order = (order, taken)
  }

  /// Gates and h of all events.
  func forward(_ x: Recurrence) throws {
    if isReference { return RecurrenceReference.forward(x.reference) }
    if x.output.count == 0 { return }
    let weight = try stepWeight(x.weights.recurrent.value, transposed: true)
    let arguments = RecurrenceForward(x: x, weight: weight)
    switch tuning {
    case .cpu:
      let sums = try empty([x.shape.sequenceCount, x.gates.shape[1]])
      try launch(
        x.kernels.forward, in: "recurrent_cpu", after: x.kernels.cpu, cpuGrid, cost: x.cost,
        arguments, BlockOrder(x), sums, x.sizes)
    case .gpu where x.form == .sequences:
      try launch(
        x.kernels.forward, in: "recurrent_gpu", after: x.kernels.gpu,
        options: ["HIDDEN": x.weights.hidden], Grid(groups: x.shape.sequenceCount, size: 256),
        cost: x.cost, arguments)
    case .gpu:
      for time in 0..<x.shape.maximumLength {
        try launch(
          x.kernels.forward, in: "recurrent_steps_gpu", after: x.kernels.gpu, x.stepGrid,
          cost: x.cost(steps: x.shape.maximumLength), arguments, x.order!.sequences, x.sizes,
          Int32(time))
      }
    }
  }

  /// Turns the gates into the gradients of W_ih x + b_ih, and the gradients of the final state into
  /// those of the initial state, if there is one.
  func backward(_ x: Recurrence, _ gradients: RecurrenceGradients) throws {
    if isReference {
      return RecurrenceReference.backward(x.reference, gradients.reference)
    }
    if x.output.count == 0 { return }
    let weight = try stepWeight(x.weights.recurrent.value, transposed: false)
    let arguments = RecurrenceBackward(x: x, weight: weight, gradients: gradients)
    switch tuning {
    case .cpu:
      try launch(
        x.kernels.backward, in: "recurrent_cpu", after: x.kernels.cpu, cpuGrid, cost: x.cost,
        arguments, BlockOrder(x), x.sizes)
    case .gpu where x.form == .sequences:
      try launch(
        x.kernels.backward, in: "recurrent_gpu", after: x.kernels.gpu,
        options: ["HIDDEN": x.weights.hidden], Grid(groups: x.shape.sequenceCount, size: 256),
        cost: x.cost, arguments)
    case .gpu:
      let times = ((x.initial == nil ? 0 : -1)..<x.shape.maximumLength).reversed()
      for time in times {
        try launch(
          x.kernels.backward, in: "recurrent_steps_gpu", after: x.kernels.gpu, x.stepGrid,
          cost: x.cost(steps: times.count), arguments, x.order!.sequences, x.sizes, Int32(time))
      }
    }
  }

  /// pocl hands a core half of the remaining work-groups at a time: there are enough for every core
  /// to get one, though some will find the queue empty.
  private var cpuGrid: Grid { Grid(groups: 16 * (context?.device.computeUnits ?? 1)) }
}

// MARK: Arguments

/// The first arguments of a forward kernel.
private struct RecurrenceForward: KernelArgument {
  let x: Recurrence
  let weight: Tensor

  func add(to arguments: inout KernelArguments) {
    arguments.add(x.gates, weight, x.weights.recurrentBias.value, InitialState(x))
    arguments.add(x.kept, x.output, x.previous ?? x.output, Int32(x.previous == nil ? 0 : 1))
    arguments.add(x.shape.offsets)
  }
}

/// The first arguments of a backward kernel.
private struct RecurrenceBackward: KernelArgument {
  let x: Recurrence
  let weight: Tensor
  let gradients: RecurrenceGradients

  func add(to arguments: inout KernelArguments) {
    arguments.add(x.gates, weight, InitialState(x), x.kept, x.output, gradients.output)
    arguments.add(gradients.sums, gradients.hidden, gradients.memory ?? gradients.hidden)
    arguments.add(x.shape.offsets)
  }
}

/// h and c before the first events, and whether there are any.
private struct InitialState: KernelArgument {
  let hidden: Tensor
  let cell: Tensor
  let exists: Int32

  init(_ x: Recurrence) {
    hidden = x.initial?.hidden ?? x.output
    cell = x.initial?.cell ?? hidden
    exists = x.initial == nil ? 0 : 1
  }

  func add(to arguments: inout KernelArguments) { arguments.add(hidden, cell, exists) }
}

/// The ranked sequences and the queue of their blocks.
private struct BlockOrder: KernelArgument {
  let sequences: Indices
  let taken: Indices

  init(_ x: Recurrence) { (sequences, taken) = x.order! }

  func add(to arguments: inout KernelArguments) { arguments.add(sequences, taken) }
}

/// Numbers of sequences and units.
private struct RecurrenceSizes: KernelArgument {
  let sequences: Int32
  let hidden: Int32

  func add(to arguments: inout KernelArguments) { arguments.add(sequences, hidden) }
}

extension Recurrence {
  fileprivate var sizes: RecurrenceSizes {
    RecurrenceSizes(sequences: Int32(shape.sequenceCount), hidden: Int32(weights.hidden))
  }

  /// Blocks of sequences and of units, `BLOCK_ROWS` and `UNITS` of `recurrent_steps_gpu.cl`.
  fileprivate var stepGrid: Grid {
    Grid(
      groups: (
        shape.sequenceCount.dividedRoundingUp(by: 4), weights.hidden.dividedRoundingUp(by: 32), 1
      ), size: (128, 1, 1))
  }

  /// The cell's kernels, and the sources before them.
  fileprivate var kernels:
    (forward: StaticString, backward: StaticString, cpu: [StaticString], gpu: [StaticString])
  {
    let products: [StaticString] = ["gelu", "matmul_common", "tile_cpu"]
    let blocks: [StaticString] = ["recurrent_common", "recurrent_blocks_cpu"]
    switch weights.cell {
    case .lstm:
      return (
        "lstm_forward", "lstm_backward", products + ["sigmoid", "lstm_cell"] + blocks,
        ["sigmoid", "lstm_cell", "recurrent_common"]
      )
    case .gru:
      return (
        "gru_forward", "gru_backward", products + ["sigmoid", "gru_cell"] + blocks,
        ["sigmoid", "gru_cell", "recurrent_common"]
      )
    }
  }

  /// For the profile: the product with W_hh, and one pass over the arrays.
  fileprivate var cost: KernelCost { cost(steps: 1) }

  /// The cost of one of several launches.
  fileprivate func cost(steps: Int) -> KernelCost {
    let (n, hidden, rows) = (gates.shape[0], weights.hidden, gates.shape[1])
    return KernelCost(
      flops: Double(2 * n * rows * hidden) / Double(max(steps, 1)),
      bytes: Double(4 * n * (2 * rows + 3 * hidden)) / Double(max(steps, 1)))
  }

  fileprivate var reference: RecurrenceReference.Arrays<Float> {
    RecurrenceReference.Arrays(
      cell: weights.cell, offsets: shape.offsets.values, recurrent: weights.recurrent.value.floats,
      bias: weights.recurrentBias.value.floats,
      initial: initial.map { ($0.hidden.floats, $0.cell?.floats) }, gates: gates.floats,
      kept: kept.floats, output: output.floats, previous: previous?.floats)
  }
}

extension RecurrenceGradients {
  fileprivate var reference: RecurrenceReference.Gradients<Float> {
    RecurrenceReference.Gradients(
      output: output.floats, sums: sums.floats, hidden: hidden.floats, memory: memory?.floats)
  }
}
