import ClseqOps
import ClseqTestSupport

/// One recurrent layer, run on a backend with all its gradients.
struct RecurrentCase: CustomStringConvertible, Sendable {
  let cell: RecurrentCell
  let inputs: Int
  let hidden: Int
  /// Whether there is a state before the first events, and gradients of that after the last.
  var hasState = true
  /// Inputs are in ± twice this.
  var scale: Float = 1

  var description: String { "\(cell) \(inputs) → \(hidden)" }

  /// Values by name.
  typealias Results = [String: [Float]]

  /// Arrays of one run; row n of the inputs and of the output's gradient is the same in any run.
  func run(
    _ backend: Backend, _ lengths: [Int], form: RecurrentForm? = nil, x: [Float]? = nil,
    firstRow: Int = 0, times: Int = 1
  ) throws -> Results {
    var numbers = TestNumbers(seed: 3)
    let store = ParameterStore(backend)
    let weights = weights(in: store, &numbers)
    try store.allocate(seed: 0)
    let tape = Tape(backend, mode: .training(RandomKey(seed: 1, epoch: 0)))
    let n = lengths.reduce(0, +)
    let x = try backend.tensor(
      x ?? rows(n, of: inputs, from: firstRow, seed: 7).map { $0 * scale }, [n, inputs])
    var states = TestNumbers(seed: 9)
    func state(_ width: Int) throws -> Tensor {
      try backend.tensor(states.floats(lengths.count * width), [lengths.count, width])
    }
    let initial =
      hasState
      ? LayerState(hidden: try state(hidden), cell: cell.hasMemory ? try state(hidden) : nil) : nil
    let offsets = try backend.indices(cumulative(lengths))
    func apply() throws -> (output: Tensor, final: LayerState) {
      try tape.recurrenceAndState(
        x, weights: weights,
        shape: RaggedShape(offsets: offsets, lengths: lengths), initial: initial,
        form: form)
    }
    var (output, final) = try apply()
    for _ in 1..<times {
      let next = try apply()
      output = try tape.add(output, next.output)
      final = LayerState(
        hidden: try tape.add(final.hidden, next.final.hidden),
        cell: try final.cell.map { try tape.add($0, next.final.cell!) })
    }
    if hasState {
      try tape.passGradient(try state(hidden), to: final.hidden)
      if let cell = final.cell { try tape.passGradient(try state(hidden), to: cell) }
    }
    let dy = try backend.tensor(rows(n, of: hidden, from: firstRow, seed: 8), [n, hidden])
    try tape.backward(from: output, gradient: dy)
    var results: Results = [
      "output": try backend.read(output), "final h": try backend.read(final.hidden),
    ]
    results["final c"] = try final.cell.map(backend.read)
    results["dx"] = try tape.gradient(of: x).map(backend.read)
    results["dh0"] = try initial.flatMap { tape.gradient(of: $0.hidden) }.map(backend.read)
    results["dc0"] = try initial?.cell.flatMap { tape.gradient(of: $0) }.map(backend.read)
    for parameter in store.parameters {
      results["d" + parameter.name] = try backend.read(parameter.gradient)
    }
    return results
  }

  private func rows(_ count: Int, of width: Int, from first: Int, seed: UInt64) -> [Float] {
    var numbers = TestNumbers(seed: seed)
    return Array(numbers.floats((first + count) * width).dropFirst(first * width))
  }
}

extension RecurrentCase {
  /// The parameters, small enough that the state does not become chaotic.
  private func weights(
    in store: ParameterStore, _ numbers: inout TestNumbers
  ) -> RecurrentWeights {
    func parameter(_ name: String, _ shape: [Int]) -> Parameter {
      let bound = 1 / Float(hidden).squareRoot()
      let values = numbers.floats(shape.reduce(1, *)).map { $0 * bound / 2 }
      return store.declare(name, shape, .values(values))
    }
    let rows = cell.gateCount * hidden
    let input = parameter("W_ih", [rows, inputs])
    let recurrent = parameter("W_hh", [rows, hidden])
    return RecurrentWeights(
      cell, input: input, recurrent: recurrent, inputBias: parameter("b_ih", [rows]),
      recurrentBias: parameter("b_hh", [rows]))
  }
}
