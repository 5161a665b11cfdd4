import ClseqOps

/// One layer's parameters, of either kind.
protocol RecurrentWeights {
  /// Width of the layer's output.
  var outputs: Int { get }
  /// The state before the first event of `count` sequences.
  func initialState(_ count: Int, on backend: Backend) throws -> LayerState
  /// The layer over the sequences of a ragged batch.
  func run(
    _ x: Tensor, offsets: Indices, maximumLength: Int, initial: LayerState?, on tape: Tape
  ) throws -> (output: Tensor, final: LayerState)
}

/// Stacked layers, with dropout between them.
struct RecurrentStack<Weights: RecurrentWeights> {
  let name: String
  let layers: [Weights]
  let dropout: DropoutRate

  /// - Parameters:
  ///   - make: declares the parameters of a layer, from its number, the width of its input and its
  ///     H.
  init(
    _ name: String, inputs: Int, hiddenSizes: [Int], dropout: Float,
    _ make: (_ layer: Int, _ inputs: Int, _ hidden: Int) -> Weights
  ) {
    precondition(!hiddenSizes.isEmpty, "\(name): no layers")
    var layers: [Weights] = []
    for (layer, hidden) in hiddenSizes.enumerated() {
      layers.append(make(layer, layers.last?.outputs ?? inputs, hidden))
    }
    self.name = name
    self.layers = layers
    self.dropout = DropoutRate(dropout)
  }

  func callAsFunction(
    _ x: Tensor, of batch: EventBatch, from state: RecurrentState?, on tape: Tape
  ) throws -> (output: Tensor, final: RecurrentState) {
    try run(
      x, offsets: batch.offsets, maximumLength: batch.maximumLength, from: state, on: tape
    ) { output, layer in
      try tape.dropout(
        output, rate: dropout, layer: "\(name).dropout_l\(layer)", events: batch.events)
    }
  }

  func step(
    _ x: Tensor, _ state: RecurrentState, on tape: Tape
  ) throws -> (output: Tensor, state: RecurrentState) {
    precondition(!tape.isTraining, "\(name): steps have no gradient")
    let offsets = try tape.backend.indices((0...Int32(x.shape[0])).map { $0 })
    return try run(x, offsets: offsets, maximumLength: 1, from: state, on: tape) { output, _ in
      output
    }
  }

  func initialState(_ count: Int, on backend: Backend) throws -> RecurrentState {
    RecurrentState(layers: try layers.map { try $0.initialState(count, on: backend) })
  }

  private func run(
    _ x: Tensor, offsets: Indices, maximumLength: Int, from state: RecurrentState?,
    on tape: Tape, between: (_ output: Tensor, _ layer: Int) throws -> Tensor
  ) throws -> (Tensor, RecurrentState) {
    precondition(
      state.map { $0.layers.count == layers.count } ?? true,
      "\(name): \(layers.count) layers, state of \(state?.layers.count ?? 0)")
    var input = x
    var states: [LayerState] = []
    for (layer, weights) in layers.enumerated() {
      if layer > 0 { input = try between(input, layer - 1) }
      let (output, final) = try weights.run(
        input, offsets: offsets, maximumLength: maximumLength, initial: state?.layers[layer],
        on: tape)
      input = output
      states.append(final)
    }
    return (input, RecurrentState(layers: states))
  }
}
