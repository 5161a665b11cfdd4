public import ClseqOps

/// Recurrent layers over the sequences of a ragged batch, with dropout between them.
///
/// `RecurrentCell` of ClseqOps has the formulas and their sources. Parameters are those of PyTorch's `nn.LSTM` and
/// `nn.GRU`, by name and shape.
public struct RecurrentStack {
  private let name: String
  private let layers: [RecurrentWeights]
  private let dropout: DropoutRate

  /// Declares `NAME.weight_ih_l0`, `NAME.weight_hh_l0`, `NAME.bias_ih_l0` and `NAME.bias_hh_l0`, and so on
  /// for each layer, all uniform in ±1 / √H as in PyTorch, except the forget gates' part of an LSTM's
  /// `bias_ih`.
  ///
  /// - Parameters:
  ///   - cell: the kind of layer.
  ///   - name: the prefix of the names of parameters.
  ///   - inputs: width of the input.
  ///   - hiddenSizes: H of each layer, first the layer of the inputs.
  ///   - dropout: probability of dropping a value between two layers.
  ///   - forgetBias: first value of the forget gates' part of `bias_ih`, 1 so that a layer
  ///     remembers from the start (Jozefowicz, Zaremba, Sutskever 2015); random like the other
  ///     parameters when nil, as in PyTorch.
  ///   - store: the store that gets the parameters.
  public init(
    _ cell: RecurrentCell, _ name: String, inputs: Int, hiddenSizes: [Int], dropout: Float = 0,
    forgetBias: Float? = 1, in store: ParameterStore
  ) {
    precondition(!hiddenSizes.isEmpty, "\(name): no layers")
    self.name = name
    self.dropout = DropoutRate(dropout)
    let widths = [inputs] + hiddenSizes
    layers = hiddenSizes.enumerated().map { layer, hidden in
      let rows = cell.gateCount * hidden
      let random = Parameter.Initializer.uniform(bound: 1 / Float(hidden).squareRoot())
      func declare(
        _ part: String, _ shape: [Int], _ initializer: Parameter.Initializer? = nil
      ) -> Parameter {
        store.declare("\(name).\(part)_l\(layer)", shape, initializer ?? random)
      }
      let inputBias =
        cell == .lstm
        ? forgetBias.map { Parameter.Initializer.setting(hidden..<2 * hidden, to: $0, of: random) }
        : nil
      return RecurrentWeights(
        cell, input: declare("weight_ih", [rows, widths[layer]]),
        recurrent: declare("weight_hh", [rows, hidden]),
        inputBias: declare("bias_ih", [rows], inputBias),
        recurrentBias: declare("bias_hh", [rows]))
    }
  }

  /// Width of the output.
  public var outputs: Int { layers[layers.count - 1].hidden }

  /// - Parameters:
  ///   - x: `[N, inputs]`.
  ///   - batch: the events.
  ///   - tape: the tape.
  /// - Returns: h of the last layer after each event, `[N, outputs]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func callAsFunction(_ x: Tensor, of batch: EventBatch, on tape: Tape) throws -> Tensor {
    var x = x
    for (layer, weights) in layers.enumerated() {
      x = try tape.recurrence(
        try input(x, of: layer, batch, tape), weights: weights, shape: batch.shape)
    }
    return x
  }

  /// The same, starting from a given state; also returns the state after the last events.
  ///
  /// - Parameters:
  ///   - x: the input, `[N, inputs]`.
  ///   - batch: the events.
  ///   - state: nil before the first events.
  ///   - tape: the tape.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func outputAndState(
    _ x: Tensor, of batch: EventBatch, from state: RecurrentState? = nil, on tape: Tape
  ) throws -> (output: Tensor, state: RecurrentState) {
    try run(x, batch.shape, from: state, on: tape) {
      try input($0, of: $1, batch, tape)
    }
  }

  /// The same in inference, with the state kept in a memory, from the state that is there.
  ///
  /// - Parameters:
  ///   - x: the input, `[N, inputs]`.
  ///   - batch: the events.
  ///   - memory: Gets the state after the last events.
  ///   - earlier: Which sequence each of the batch continues; nil for a pass over whole sequences.
  ///   - tape: the tape.
  /// - Returns: h of the last layer after each event, `[N, outputs]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func callAsFunction(
    _ x: Tensor, of batch: EventBatch, in memory: EventMemory, after earlier: EarlierEvents?,
    on tape: Tape
  ) throws -> Tensor {
    let initial = try earlier.flatMap { try memory.recurrent?.rows($0.parents, on: tape.backend) }
    let (output, state) = try outputAndState(x, of: batch, from: initial, on: tape)
    memory.recurrent = state
    return output
  }

  /// One more event of each sequence, in inference.
  ///
  /// - Parameters:
  ///   - x: `[B, inputs]`.
  ///   - state: of the B sequences so far.
  ///   - tape: the tape.
  /// - Returns: the output of `callAsFunction` for these events, `[B, outputs]`, and the state
  ///   after them.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func step(
    _ x: Tensor, _ state: RecurrentState, on tape: Tape
  ) throws -> (output: Tensor, state: RecurrentState) {
    precondition(!tape.isTraining, "\(name): steps have no gradient")
    let shape = RaggedShape(
      offsets: try tape.backend.indices((0...Int32(x.shape[0])).map { $0 }),
      lengths: [Int](repeating: 1, count: x.shape[0]))
    return try run(x, shape, from: state, on: tape) { x, _ in x }
  }

  /// The state of sequences without events: zeros.
  ///
  /// - Throws: `OpenCLError` when memory runs out.
  public func initialState(_ sequenceCount: Int, on backend: Backend) throws -> RecurrentState {
    RecurrentState(
      layers: try layers.map { weights in
        let zeros = { try backend.zeros([sequenceCount, weights.hidden]) }
        return LayerState(hidden: try zeros(), cell: weights.cell.hasMemory ? try zeros() : nil)
      })
  }

  /// The input of a layer: x itself for the first, x with dropout for the others.
  private func input(
    _ x: Tensor, of layer: Int, _ batch: EventBatch, _ tape: Tape
  ) throws -> Tensor {
    layer == 0
      ? x
      : try tape.dropout(
        x, rate: dropout, layer: "\(name).dropout_l\(layer - 1)", events: batch.events)
  }

  private func run(
    _ x: Tensor, _ shape: RaggedShape, from state: RecurrentState?, on tape: Tape,
    input: (_ x: Tensor, _ layer: Int) throws -> Tensor
  ) throws -> (output: Tensor, state: RecurrentState) {
    precondition(
      state.map { $0.layers.count == layers.count } ?? true,
      "\(name): \(layers.count) layers, state of \(state?.layers.count ?? 0)")
    var x = x
    var states: [LayerState] = []
    for (layer, weights) in layers.enumerated() {
      let (output, final) = try tape.recurrenceAndState(
        try input(x, layer), weights: weights, shape: shape,
        initial: state?.layers[layer])
      x = output
      states.append(final)
    }
    return (x, RecurrentState(layers: states))
  }
}
