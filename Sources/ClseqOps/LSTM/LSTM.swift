/// The parameters of one layer of an LSTM: gates in the order i, f, g, o, as PyTorch has them.
public struct LSTMWeights {
  /// W_ih, `[4 H, I]`.
  public let input: Parameter
  /// W_hh, `[4 H, H]`, or `[4 H, P]` with a projection.
  public let recurrent: Parameter
  /// b_ih, `[4 H]`.
  public let inputBias: Parameter
  /// b_hh, `[4 H]`.
  public let recurrentBias: Parameter
  /// W_hr, `[P, H]`, with which the state is h = W_hr m; nil if h is m itself.
  public let projection: Parameter?

  /// Groups the parameters of a layer, whose shapes must agree.
  public init(
    input: Parameter, recurrent: Parameter, inputBias: Parameter, recurrentBias: Parameter,
    projection: Parameter? = nil
  ) {
    let hidden = input.shape[0] / 4
    precondition(
      input.shape.count == 2 && input.shape[0] == 4 * hidden
        && recurrent.shape == [4 * hidden, projection?.shape[0] ?? hidden]
        && inputBias.shape == [4 * hidden] && recurrentBias.shape == [4 * hidden]
        && projection.map { $0.shape.count == 2 && $0.shape[1] == hidden } ?? true,
      "LSTM: input \(input.shape), recurrent \(recurrent.shape), biases \(inputBias.shape) and "
        + "\(recurrentBias.shape), projection \(projection?.shape ?? [])")
    self.input = input
    self.recurrent = recurrent
    self.inputBias = inputBias
    self.recurrentBias = recurrentBias
    self.projection = projection
  }

  /// H, the width of c.
  public var hidden: Int { input.shape[0] / 4 }
  /// P, the width of h: H without a projection.
  public var outputs: Int { recurrent.shape[1] }
}

extension Tape {
  /// One layer of a long short-term memory over the sequences of a ragged batch.
  ///
  /// For each event of a sequence, where h and c on the right are those of the event before:
  /// `i, f, o = σ(W_ih x + b_ih + W_hh h + b_hh)` and `g = tanh(…)`, each with its rows of the
  /// weights; `c = f c + i g`, `m = o tanh(c)`, and `h = m`, or `W_hr m` with a projection. The
  /// part of the inputs is one product over all N events, and so are the gradients of the weights;
  /// only the part of h is computed step by step.
  ///
  /// Sources: Hochreiter and Schmidhuber, "Long short-term memory" (1997); Gers, Schmidhuber,
  /// Cummins, "Learning to forget" (2000); Sak, Senior, Beaufays, "Long short-term memory recurrent
  /// neural network architectures for large scale acoustic modeling" (2014) for the projection.
  /// Results are those of PyTorch's `nn.LSTM`.
  ///
  /// - Parameters:
  ///   - x: The input, `[N, inputs]`.
  ///   - weights: The weights of the layer.
  ///   - offsets: first event of each sequence, `[B + 1]`; sequences in any order, some may be
  ///     empty.
  ///   - maximumLength: length of the longest sequence, or more.
  ///   - initial: h `[B, P]` and c `[B, H]` before the first events; zeros when absent.
  /// - Returns: h after each event, `[N, P]`, and h and c after the last of each sequence.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func lstm(
    _ x: Tensor, weights: LSTMWeights, offsets: Indices, maximumLength: Int,
    initial: LayerState? = nil
  ) throws -> (output: Tensor, final: LayerState) {
    try lstm(
      x, weights: weights, offsets: offsets, maximumLength: maximumLength, initial: initial,
      form: .preferred)
  }

  /// The same in a given form.
  package func lstm(
    _ x: Tensor, weights: LSTMWeights, offsets: Indices, maximumLength: Int,
    initial: LayerState? = nil, form: RecurrentForm
  ) throws -> (output: Tensor, final: LayerState) {
    let (hidden, outputs, count) = (weights.hidden, weights.outputs, offsets.count - 1)
    precondition(
      x.shape.count == 2 && x.shape[1] == weights.input.shape[1] && count >= 0
        && initial.map {
          $0.hidden.shape == [count, outputs] && $0.cell?.shape == [count, hidden]
        } ?? true,
      "lstm: x \(x.shape), weight \(weights.input.shape), \(count) sequences, "
        + "state \(initial?.hidden.shape ?? []) and \(initial?.cell?.shape ?? [])")
    let n = x.shape[0]
    let gates = try backend.empty([n, 4 * hidden])
    try backend.matmul(
      x, weights.input.value, into: gates,
      MatmulShape(m: n, n: 4 * hidden, k: x.shape[1], transposeB: true),
      bias: weights.inputBias.value)
    let recurrence = try backend.recurrence(
      offsets: offsets, maximumLength: maximumLength, form: form)
    let output = try backend.empty([n, outputs])
    let arrays = LSTMArrays(
      weights: weights, initial: initial, gates: gates, cells: try backend.empty([n, hidden]),
      unprojected: weights.projection == nil ? output : try backend.empty([n, hidden]),
      output: output)
    try backend.lstmForward(arrays, recurrence)
    let final = LayerState(
      hidden: try backend.lastRows(output, initial: initial?.hidden, offsets: offsets),
      cell: try backend.lastRows(arrays.cells, initial: initial?.cell, offsets: offsets))
    record { tape in
      try tape.lstmBackward(x, arrays, recurrence, final: final)
    }
    return (output, final)
  }

  private func lstmBackward(
    _ x: Tensor, _ arrays: LSTMArrays, _ recurrence: RaggedRecurrence, final: LayerState
  ) throws {
    let weights = arrays.weights
    let (n, count) = (x.shape[0], recurrence.sequenceCount)
    let (hidden, outputs) = (weights.hidden, weights.outputs)
    let dfinal = (takeGradient(of: final.hidden), final.cell.flatMap(takeGradient))
    let given = takeGradient(of: arrays.output)
    if given == nil && dfinal.0 == nil && dfinal.1 == nil { return }
    let gradients = LSTMGradients(
      output: try given ?? backend.zeros([n, outputs]),
      hidden: try backend.changeable(dfinal.0, [count, outputs]),
      cell: try backend.changeable(dfinal.1, [count, hidden]),
      whole: try backend.empty([n, outputs]))
    try backend.lstmBackward(arrays, recurrence, gradients)
    if let initial = arrays.initial {
      try passGradient(gradients.hidden, to: initial.hidden)
      if let cell = initial.cell { try passGradient(gradients.cell, to: cell) }
    }
    if n == 0 { return }
    if let projection = weights.projection {
      try backend.matmul(
        gradients.whole, arrays.unprojected, into: projection.gradient,
        MatmulShape(m: outputs, n: hidden, k: n, transposeA: true), base: projection.gradient)
    }
    let before = try backend.previousRows(
      arrays.output, initial: arrays.initial?.hidden, offsets: recurrence.offsets)
    try recurrentWeightGradients(
      arrays.gates, before, weight: weights.recurrent, bias: weights.recurrentBias)
    try recurrentWeightGradients(
      arrays.gates, x, weight: weights.input, bias: weights.inputBias)
    try recurrentInputGradient(arrays.gates, of: x, weight: weights.input)
  }
}
