import ClseqNN
import ClseqOps

/// The layers of a ``CountNetwork``: an LSTM, and a linear head with the mean and the logarithm of the variance.
struct CountLayers {
  let backend: Backend
  private let store: ParameterStore
  private let recurrent: RecurrentStack
  private let head: Linear

  init(seed: UInt64, on backend: Backend) throws {
    self.backend = backend
    store = ParameterStore(backend)
    let width = CountNetwork.Training.hiddenSize
    recurrent = RecurrentStack(
      .lstm, "recurrent", inputs: CountInputs.width, hiddenSizes: [width], in: store)
    head = Linear("head", inputs: width, outputs: 2, in: store)
    try store.allocate(seed: seed)
  }

  /// All weights.
  var values: [Float] {
    get throws { try backend.read(store.values) }
  }

  func set(_ values: [Float]) throws { try backend.write(values, to: store.values) }

  /// The outputs of the days of one sequence, `[N, 2]`.
  ///
  /// - Parameter features: `[N, CountInputs.width]`.
  func callAsFunction(_ features: [Float], on tape: Tape) throws -> Tensor {
    let (x, batch) = try upload(features)
    return try head(try recurrent(x, of: batch, on: tape), on: tape)
  }

  /// The outputs of the last day of one sequence in inference, `[1, 2]`, and the state after it.
  func last(_ features: [Float]) throws -> (output: Tensor, state: RecurrentState) {
    let tape = Tape(backend, mode: .inference)
    let (x, batch) = try upload(features)
    let (output, state) = try recurrent.outputAndState(x, of: batch, on: tape)
    let row = try backend.indices([Int32(output.shape[0] - 1)])
    return (try head(try backend.gatherRows(output, rows: row), on: tape), state)
  }

  /// The outputs of one more day of each sequence, `[B, 2]`, and the states after it.
  ///
  /// - Parameter features: `[B, CountInputs.width]`.
  func next(
    _ features: [Float], _ state: RecurrentState
  ) throws -> (output: Tensor, state: RecurrentState) {
    let tape = Tape(backend, mode: .inference)
    let x = try backend.tensor(features, [features.count / CountInputs.width, CountInputs.width])
    let (output, state) = try recurrent.step(x, state, on: tape)
    return (try head(output, on: tape), state)
  }

  /// A step of the optimiser.
  ///
  /// - Parameters:
  ///   - gradient: That of the loss by `outputs`.
  ///   - number: That of the step, from 1.
  func step(
    _ tape: Tape, _ outputs: Tensor, gradient: [Float], number: Int, seed: UInt64
  ) throws {
    try backend.fillZero(store.gradients)
    try tape.backward(from: outputs, gradient: try backend.tensor(gradient, outputs.shape))
    try store.update(
      by: CountNetwork.Training.optimizer, learningRate: CountNetwork.Training.learningRate,
      step: number, seed: seed)
  }

  private func upload(_ features: [Float]) throws -> (x: Tensor, batch: EventBatch) {
    let count = features.count / CountInputs.width
    let zeros = try backend.indices([Int32](repeating: 0, count: count))
    let times = try backend.indices((0..<Int32(count)).map { $0 })
    let batch = EventBatch(
      events: EventIndices(items: zeros, times: times, sequences: zeros),
      offsets: try backend.indices([0, Int32(count)]), lengths: [count])
    return (try backend.tensor(features, [count, CountInputs.width]), batch)
  }
}
