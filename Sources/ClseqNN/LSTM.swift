public import ClseqOps

/// A long short-term memory of one or more layers over the sequences of a ragged batch.
///
/// Source: Hochreiter and Schmidhuber, "Long short-term memory" (1997); `Tape.lstm` has the
/// formula. Parameters are those of PyTorch's `nn.LSTM`, by name and shape.
public struct LSTM {
  private let stack: RecurrentStack<LSTMWeights>

  /// Declares `NAME.weight_ih_l0`, `NAME.weight_hh_l0`, `NAME.bias_ih_l0` and `NAME.bias_hh_l0`,
  /// with a projection `NAME.weight_hr_l0`, and so on for each layer, all uniform in ±1 / √H as in
  /// PyTorch, except the forget gates' part of `bias_ih`.
  ///
  /// - Parameters:
  ///   - name: The prefix of the names of parameters.
  ///   - inputs: width of the input.
  ///   - hiddenSizes: H of each layer, first the layer of the inputs.
  ///   - projection: P, the width of each layer's output and hidden state (`proj_size` in PyTorch);
  ///     H when absent.
  ///   - dropout: probability of dropping a value between two layers.
  ///   - forgetBias: first value of the forget gates' part of `bias_ih`, 1 so that a layer
  ///     remembers from the start (Jozefowicz, Zaremba, Sutskever 2015); random like the other
  ///     parameters when nil, as in PyTorch.
  ///   - store: The store that gets the parameters.
  public init(
    _ name: String, inputs: Int, hiddenSizes: [Int], projection: Int? = nil, dropout: Float = 0,
    forgetBias: Float? = 1, in store: ParameterStore
  ) {
    stack = RecurrentStack(
      name, inputs: inputs, hiddenSizes: hiddenSizes, dropout: dropout
    ) { layer, width, hidden in
      let random = Parameter.Initializer.uniform(bound: 1 / Float(hidden).squareRoot())
      func declare(
        _ part: String, _ shape: [Int], _ initializer: Parameter.Initializer? = nil
      ) -> Parameter {
        store.declare("\(name).\(part)_l\(layer)", shape, initializer ?? random)
      }
      return LSTMWeights(
        input: declare("weight_ih", [4 * hidden, width]),
        recurrent: declare("weight_hh", [4 * hidden, projection ?? hidden]),
        inputBias: declare(
          "bias_ih", [4 * hidden],
          forgetBias.map { .setting(hidden..<2 * hidden, to: $0, of: random) }),
        recurrentBias: declare("bias_hh", [4 * hidden]),
        projection: projection.map { declare("weight_hr", [$0, hidden]) })
    }
  }

  /// Width of the output.
  public var outputs: Int { stack.layers[stack.layers.count - 1].outputs }

  /// - Parameters:
  ///   - x: `[N, inputs]`.
  ///   - batch: The events.
  ///   - tape: The tape.
  /// - Returns: h of the last layer after each event, `[N, outputs]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func callAsFunction(
    _ x: Tensor, of batch: EventBatch, on tape: Tape
  ) throws -> Tensor {
    try stack(x, of: batch, from: nil, on: tape).output
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
    let (output, final) = try stack(x, of: batch, from: state, on: tape)
    return (output, final)
  }

  /// One more event of each sequence, in inference.
  ///
  /// - Parameters:
  ///   - x: `[B, inputs]`.
  ///   - state: of the B sequences so far.
  ///   - tape: The tape.
  /// - Returns: the output of `callAsFunction` for these events, `[B, outputs]`, and the state
  ///   after them.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func step(
    _ x: Tensor, _ state: RecurrentState, on tape: Tape
  ) throws -> (output: Tensor, state: RecurrentState) {
    try stack.step(x, state, on: tape)
  }

  /// The state of sequences without events: zeros.
  ///
  /// - Throws: `OpenCLError` when memory runs out.
  public func initialState(_ sequenceCount: Int, on backend: Backend) throws -> RecurrentState {
    try stack.initialState(sequenceCount, on: backend)
  }
}

extension LSTMWeights: RecurrentWeights {
  func initialState(_ count: Int, on backend: Backend) throws -> LayerState {
    LayerState(
      hidden: try backend.zeros([count, outputs]), cell: try backend.zeros([count, hidden]))
  }

  func run(
    _ x: Tensor, offsets: Indices, maximumLength: Int, initial: LayerState?, on tape: Tape
  ) throws -> (output: Tensor, final: LayerState) {
    try tape.lstm(
      x, weights: self, offsets: offsets, maximumLength: maximumLength, initial: initial)
  }
}
