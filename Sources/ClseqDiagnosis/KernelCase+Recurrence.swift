import ClseqNN
import ClseqOps

extension Backend {
  /// One launch for all steps and one launch per step, with a projection and without one: more
  /// sequences than a block has, unordered, one of them empty, with an initial and a final state.
  /// Then more units than a work-group has items and a chunk has steps.
  func recurrence(_ results: inout [CaseResult]) throws {
    let lengths: [Int32] = [2, 1, 3, 0] + [Int32](repeating: 1, count: 14)
    let offsets = try indices(lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })
    for form in [RecurrentForm.sequences, .steps] {
      for projection in [nil, 3] {
        try trainLSTM(lengths, offsets, hidden: 5, projection: projection, form, &results)
      }
      try trainGRU(lengths, offsets, hidden: 5, form, &results)
    }
    let few: [Int32] = [2, 1]
    let fewOffsets = try indices([0, 2, 3])
    try trainLSTM(few, fewOffsets, hidden: 130, projection: nil, .sequences, &results)
    try trainGRU(few, fewOffsets, hidden: 130, .sequences, &results)
  }

  private func trainLSTM(
    _ lengths: [Int32], _ offsets: Indices, hidden: Int, projection: Int?, _ form: RecurrentForm,
    _ results: inout [CaseResult]
  ) throws {
    let (inputs, count) = (3, lengths.count)
    let store = ParameterStore(self)
    func declare(_ name: String, _ shape: [Int]) -> Parameter {
      store.declare(name, shape, .uniform(bound: 1))
    }
    let weights = LSTMWeights(
      input: declare("input", [4 * hidden, inputs]),
      recurrent: declare("recurrent", [4 * hidden, projection ?? hidden]),
      inputBias: declare("input_bias", [4 * hidden]),
      recurrentBias: declare("recurrent_bias", [4 * hidden]),
      projection: projection.map { declare("projection", [$0, hidden]) })
    try store.allocate(seed: 1)
    let tape = trainingTape()
    let initial = LayerState(
      hidden: try numbers([count, weights.outputs]), cell: try numbers([count, hidden]))
    let (output, final) = try tape.lstm(
      try numbers([Int(lengths.reduce(0, +)), inputs]), weights: weights, offsets: offsets,
      maximumLength: 3,
      initial: initial, form: form)
    try tape.passGradient(try numbers([count, weights.outputs]), to: final.hidden)
    try tape.backward(from: output)
    try add("states of an LSTM", output, to: &results)
    try add("gradients of an LSTM", store.gradients, to: &results)
  }

  private func trainGRU(
    _ lengths: [Int32], _ offsets: Indices, hidden: Int, _ form: RecurrentForm,
    _ results: inout [CaseResult]
  ) throws {
    let (inputs, count) = (3, lengths.count)
    let store = ParameterStore(self)
    func declare(_ name: String, _ shape: [Int]) -> Parameter {
      store.declare(name, shape, .uniform(bound: 1))
    }
    let weights = GRUWeights(
      input: declare("input", [3 * hidden, inputs]),
      recurrent: declare("recurrent", [3 * hidden, hidden]),
      inputBias: declare("input_bias", [3 * hidden]),
      recurrentBias: declare("recurrent_bias", [3 * hidden]))
    try store.allocate(seed: 1)
    let tape = trainingTape()
    let (output, final) = try tape.gru(
      try numbers([Int(lengths.reduce(0, +)), inputs]), weights: weights, offsets: offsets,
      maximumLength: 3,
      initial: LayerState(hidden: try numbers([count, hidden])), form: form)
    try tape.passGradient(try numbers([count, hidden]), to: final.hidden)
    try tape.backward(from: output)
    try add("states of a GRU", output, to: &results)
    try add("gradients of a GRU", store.gradients, to: &results)
  }
}
