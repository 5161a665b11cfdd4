/// The parameters of one recurrent layer, as PyTorch's `nn.LSTM` and `nn.GRU` have them.
public struct RecurrentWeights {
  /// What they are the weights of.
  public let cell: RecurrentCell
  /// W_ih, `[gates H, I]`.
  public let input: Parameter
  /// W_hh, `[gates H, H]`.
  public let recurrent: Parameter
  /// b_ih, `[gates H]`.
  public let inputBias: Parameter
  /// b_hh, `[gates H]`.
  public let recurrentBias: Parameter

  /// Groups the parameters of a layer, whose shapes must agree.
  public init(
    _ cell: RecurrentCell, input: Parameter, recurrent: Parameter, inputBias: Parameter,
    recurrentBias: Parameter
  ) {
    let rows = recurrent.shape[0]
    precondition(
      recurrent.shape == [rows, rows / cell.gateCount] && rows % cell.gateCount == 0
        && input.shape.count == 2 && input.shape[0] == rows && inputBias.shape == [rows]
        && recurrentBias.shape == [rows],
      "\(cell): input \(input.shape), recurrent \(recurrent.shape), biases \(inputBias.shape) and "
        + "\(recurrentBias.shape)")
    self.cell = cell
    self.input = input
    self.recurrent = recurrent
    self.inputBias = inputBias
    self.recurrentBias = recurrentBias
  }

  /// H, the width of h.
  public var hidden: Int { recurrent.shape[1] }
}

extension Tape {
  /// One recurrent layer over the sequences of a ragged batch; ``RecurrentCell`` has the formulas.
  ///
  /// The part of the inputs is one product over all N events, and so are the gradients of the weights;
  /// only the part of h is computed step by step.
  ///
  /// - Parameters:
  ///   - x: the input, `[N, I]`.
  ///   - weights: the weights of the layer.
  ///   - shape: the sequences, in any order.
  ///   - initial: the state before the first events; zeros when absent.
  /// - Returns: h after each event, `[N, H]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func recurrence(
    _ x: Tensor, weights: RecurrentWeights, shape: RaggedShape, initial: LayerState? = nil
  ) throws -> Tensor {
    try runRecurrence(
      x, weights, shape, initial, form: nil, hasFinalState: false
    ).output
  }

  /// The same, and the state after the last event of each sequence.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func recurrenceAndState(
    _ x: Tensor, weights: RecurrentWeights, shape: RaggedShape, initial: LayerState? = nil
  ) throws -> (output: Tensor, final: LayerState) {
    try recurrenceAndState(x, weights: weights, shape: shape, initial: initial, form: nil)
  }

  /// - Parameter form: of the kernels; nil for the one that suits backend and width.
  package func recurrenceAndState(
    _ x: Tensor, weights: RecurrentWeights, shape: RaggedShape, initial: LayerState? = nil,
    form: RecurrentForm?
  ) throws -> (output: Tensor, final: LayerState) {
    let recurrence = try runRecurrence(
      x, weights, shape, initial, form: form, hasFinalState: true)
    return (recurrence.output, recurrence.final!)
  }

  private func runRecurrence(
    _ x: Tensor, _ weights: RecurrentWeights, _ shape: RaggedShape, _ initial: LayerState?,
    form: RecurrentForm?, hasFinalState: Bool
  ) throws -> Recurrence {
    let (n, rows, hidden) = (x.shape[0], weights.recurrent.shape[0], weights.hidden)
    let (cell, count) = (weights.cell, shape.sequenceCount)
    precondition(
      x.shape.count == 2 && x.shape[1] == weights.input.shape[1]
        && initial.map {
          $0.hidden.shape == [count, hidden]
            && $0.cell?.shape == (cell.hasMemory ? [count, hidden] : nil)
        } ?? true,
      "\(cell): x \(x.shape), weight \(weights.input.shape), \(count) sequences, "
        + "state \(initial?.hidden.shape ?? []) and \(initial?.cell?.shape ?? [])")
    let gates = try backend.empty([n, rows])
    try backend.matmul(
      x, weights.input.value, into: gates,
      MatmulShape(m: n, n: rows, k: x.shape[1], transposeB: true), bias: weights.inputBias.value)
    let (kept, output) = (try backend.empty([n, hidden]), try backend.empty([n, hidden]))
    let previous = isTraining ? try backend.empty([n, hidden]) : nil
    var recurrence = Recurrence(
      weights: weights, shape: shape,
      form: form ?? .preferred(hidden: hidden, backend.tuning), order: nil, initial: initial,
      gates: gates, kept: kept, output: output, previous: previous)
    try backend.prepare(&recurrence)
    try backend.forward(recurrence)
    if hasFinalState {
      recurrence.final = LayerState(
        hidden: try backend.lastRows(output, initial: initial?.hidden, offsets: shape.offsets),
        cell: cell.hasMemory
          ? try backend.lastRows(kept, initial: initial?.cell, offsets: shape.offsets) : nil)
    }
    // Its own arrays wait in float32: the backward pass reads all of them at once.
    record { [recurrence, x = try self.kept(x)] tape in try tape.backward(recurrence, x) }
    return recurrence
  }

  private func backward(_ recurrence: Recurrence, _ x: Tensor) throws {
    let weights = recurrence.weights
    let (n, state) = (x.shape[0], [recurrence.shape.sequenceCount, weights.hidden])
    let given = takeGradient(of: recurrence.output)
    let dfinal = (
      recurrence.final.flatMap { takeGradient(of: $0.hidden) },
      recurrence.final?.cell.flatMap(takeGradient)
    )
    guard given != nil || dfinal.0 != nil || dfinal.1 != nil else { return }
    let sums =
      weights.cell.hasOwnSums ? try backend.empty(recurrence.gates.shape) : recurrence.gates
    let gradients = RecurrenceGradients(
      output: try given ?? backend.zeros([n, weights.hidden]), sums: sums,
      hidden: try backend.changeable(dfinal.0, state),
      memory: weights.cell.hasMemory ? try backend.changeable(dfinal.1, state) : nil)
    try backend.backward(recurrence, gradients)
    if let initial = recurrence.initial {
      try passGradient(gradients.hidden, to: initial.hidden)
      if let cell = initial.cell, let memory = gradients.memory {
        try passGradient(memory, to: cell)
      }
    }
    guard n > 0, let previous = recurrence.previous else { return }
    try addGradients(sums, previous, weight: weights.recurrent, bias: weights.recurrentBias)
    try addGradients(recurrence.gates, x, weight: weights.input, bias: weights.inputBias)
    let dx = try gradientSlot(of: x)
    try backend.matmul(
      recurrence.gates, weights.input.value, into: dx.out,
      MatmulShape(m: n, n: x.shape[1], k: weights.input.shape[0]), base: dx.addend)
  }
}
