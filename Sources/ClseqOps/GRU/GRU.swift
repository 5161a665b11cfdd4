/// The parameters of one layer of gated recurrent units: gates in the order r, z, n, as PyTorch has
/// them.
public struct GRUWeights {
  /// W_ih, `[3 H, I]`.
  public let input: Parameter
  /// W_hh, `[3 H, H]`.
  public let recurrent: Parameter
  /// b_ih, `[3 H]`.
  public let inputBias: Parameter
  /// b_hh, `[3 H]`.
  public let recurrentBias: Parameter

  /// Groups the parameters of a layer, whose shapes must agree.
  public init(
    input: Parameter, recurrent: Parameter, inputBias: Parameter, recurrentBias: Parameter
  ) {
    let hidden = input.shape[0] / 3
    precondition(
      input.shape.count == 2 && input.shape[0] == 3 * hidden
        && recurrent.shape == [3 * hidden, hidden]
        && inputBias.shape == [3 * hidden] && recurrentBias.shape == [3 * hidden],
      "GRU: input \(input.shape), recurrent \(recurrent.shape), biases \(inputBias.shape) and "
        + "\(recurrentBias.shape)")
    self.input = input
    self.recurrent = recurrent
    self.inputBias = inputBias
    self.recurrentBias = recurrentBias
  }

  /// H, the width of h.
  public var hidden: Int { input.shape[0] / 3 }
}

extension Tape {
  /// One layer of gated recurrent units over the sequences of a ragged batch.
  ///
  /// For each event of a sequence, where h on the right is that of the event before, x_r, x_z, x_n
  /// are the parts of `W_ih x + b_ih`, and s_r, s_z, s_n those of `W_hh h + b_hh`:
  /// `r = σ(x_r + s_r)`, `z = σ(x_z + s_z)`, `n = tanh(x_n + r s_n)`, `h = (1 − z) n + z h`. The
  /// part of the inputs is one product over all N events, and so are the gradients of the weights.
  ///
  /// Source: Cho et al., "Learning phrase representations using RNN encoder–decoder" (2014), with
  /// the reset gate after the product. Results are those of PyTorch's `nn.GRU`.
  ///
  /// - Parameters:
  ///   - x: The input, `[N, inputs]`.
  ///   - weights: The weights of the layer.
  ///   - offsets: first event of each sequence, `[B + 1]`; sequences in any order, some may be
  ///     empty.
  ///   - maximumLength: length of the longest sequence, or more.
  ///   - initial: h before the first events, `[B, H]`; zeros when absent.
  /// - Returns: h after each event, `[N, H]`, and after the last of each sequence.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func gru(
    _ x: Tensor, weights: GRUWeights, offsets: Indices, maximumLength: Int,
    initial: LayerState? = nil
  ) throws -> (output: Tensor, final: LayerState) {
    try gru(
      x, weights: weights, offsets: offsets, maximumLength: maximumLength, initial: initial,
      form: .preferred)
  }

  /// The same in a given form.
  package func gru(
    _ x: Tensor, weights: GRUWeights, offsets: Indices, maximumLength: Int,
    initial: LayerState? = nil, form: RecurrentForm
  ) throws -> (output: Tensor, final: LayerState) {
    let (n, hidden, count) = (x.shape[0], weights.hidden, offsets.count - 1)
    precondition(
      x.shape.count == 2 && x.shape[1] == weights.input.shape[1] && count >= 0
        && initial.map { $0.hidden.shape == [count, hidden] && $0.cell == nil } ?? true,
      "gru: x \(x.shape), weight \(weights.input.shape), \(count) sequences, "
        + "state \(initial?.hidden.shape ?? [])")
    let gates = try backend.empty([n, 3 * hidden])
    try backend.matmul(
      x, weights.input.value, into: gates,
      MatmulShape(m: n, n: 3 * hidden, k: x.shape[1], transposeB: true),
      bias: weights.inputBias.value)
    let recurrence = try backend.recurrence(
      offsets: offsets, maximumLength: maximumLength, form: form)
    let arrays = GRUArrays(
      weights: weights, initial: initial?.hidden, gates: gates,
      inner: try backend.empty([n, hidden]), output: try backend.empty([n, hidden]))
    try backend.gruForward(arrays, recurrence)
    let final = LayerState(
      hidden: try backend.lastRows(arrays.output, initial: arrays.initial, offsets: offsets))
    record { tape in
      try tape.gruBackward(x, arrays, recurrence, final: final)
    }
    return (arrays.output, final)
  }

  private func gruBackward(
    _ x: Tensor, _ arrays: GRUArrays, _ recurrence: RaggedRecurrence, final: LayerState
  ) throws {
    let weights = arrays.weights
    let (n, hidden) = (x.shape[0], weights.hidden)
    let dfinal = takeGradient(of: final.hidden)
    let given = takeGradient(of: arrays.output)
    if given == nil && dfinal == nil { return }
    let gradients = GRUGradients(
      output: try given ?? backend.zeros([n, hidden]),
      hidden: try backend.changeable(dfinal, [recurrence.sequenceCount, hidden]),
      sums: try backend.empty([n, 3 * hidden]))
    try backend.gruBackward(arrays, recurrence, gradients)
    if let initial = arrays.initial { try passGradient(gradients.hidden, to: initial) }
    if n == 0 { return }
    let before = try backend.previousRows(
      arrays.output, initial: arrays.initial, offsets: recurrence.offsets)
    try recurrentWeightGradients(
      gradients.sums, before, weight: weights.recurrent, bias: weights.recurrentBias)
    try recurrentWeightGradients(
      arrays.gates, x, weight: weights.input, bias: weights.inputBias)
    try recurrentInputGradient(arrays.gates, of: x, weight: weights.input)
  }
}
