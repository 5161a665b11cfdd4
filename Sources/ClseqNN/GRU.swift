public import ClseqOps

/// Gated recurrent units in one or more layers over the sequences of a ragged batch.
///
/// Source: Cho et al., "Learning phrase representations using RNN encoder–decoder" (2014);
/// `Tape.gru` has the formula. Parameters are those of PyTorch's `nn.GRU`, by name and shape.
public struct GRU {
  private let stack: RecurrentStack<GRUWeights>

  /// Declares `NAME.weight_ih_l0`, `NAME.weight_hh_l0`, `NAME.bias_ih_l0` and `NAME.bias_hh_l0`,
  /// and so on for each layer, all uniform in ±1 / √H as in PyTorch.
  ///
  /// - Parameters:
  ///   - name: The prefix of the names of parameters.
  ///   - inputs: width of the input.
  ///   - hiddenSizes: H of each layer, first the layer of the inputs.
  ///   - dropout: probability of dropping a value between two layers.
  ///   - store: The store that gets the parameters.
  public init(
    _ name: String, inputs: Int, hiddenSizes: [Int], dropout: Float = 0, in store: ParameterStore
  ) {
    stack = RecurrentStack(
      name, inputs: inputs, hiddenSizes: hiddenSizes, dropout: dropout
    ) { layer, width, hidden in
      func declare(_ part: String, _ shape: [Int]) -> Parameter {
        store.declare(
          "\(name).\(part)_l\(layer)", shape, .uniform(bound: 1 / Float(hidden).squareRoot()))
      }
      return GRUWeights(
        input: declare("weight_ih", [3 * hidden, width]),
        recurrent: declare("weight_hh", [3 * hidden, hidden]),
        inputBias: declare("bias_ih", [3 * hidden]),
        recurrentBias: declare("bias_hh", [3 * hidden]))
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

extension GRUWeights: RecurrentWeights {
  var outputs: Int { hidden }

  func initialState(_ count: Int, on backend: Backend) throws -> LayerState {
    LayerState(hidden: try backend.zeros([count, hidden]))
  }

  func run(
    _ x: Tensor, offsets: Indices, maximumLength: Int, initial: LayerState?, on tape: Tape
  ) throws -> (output: Tensor, final: LayerState) {
    try tape.gru(
      x, weights: self, offsets: offsets, maximumLength: maximumLength, initial: initial)
  }
}
