import ClseqNN
import ClseqOps

extension Backend {
  /// Both cells in every form: more sequences than a block has, unordered, one of them empty, with an
  /// initial and a final state. Then more columns than a work-group has items, weights that do not fit
  /// its registers, and more than a chunk of the steps of a product.
  func recurrence(_ results: inout [CaseResult]) throws {
    let lengths: [Int32] = [2, 1, 3, 0] + [Int32](repeating: 1, count: 14)
    for cell in RecurrentCell.allCases {
      for form in RecurrentForm.allCases {
        try train(cell, lengths, hidden: 5, form, &results)
        try train(cell, [2, 1], hidden: 90, form, &results)
      }
    }
  }

  private func train(
    _ cell: RecurrentCell, _ lengths: [Int32], hidden: Int, _ form: RecurrentForm,
    _ results: inout [CaseResult]
  ) throws {
    let (inputs, count, rows) = (3, lengths.count, cell.gateCount * hidden)
    let store = ParameterStore(self)
    func declare(_ name: String, _ shape: [Int]) -> Parameter {
      store.declare(name, shape, .uniform(bound: 1))
    }
    let weights = RecurrentWeights(
      cell, input: declare("input", [rows, inputs]),
      recurrent: declare("recurrent", [rows, hidden]), inputBias: declare("input_bias", [rows]),
      recurrentBias: declare("recurrent_bias", [rows]))
    try store.allocate(seed: 1)
    let tape = trainingTape()
    let offsets = try indices(lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })
    let initial = LayerState(
      hidden: try numbers([count, hidden]),
      cell: cell.hasMemory ? try numbers([count, hidden]) : nil)
    let (output, final) = try tape.recurrenceAndState(
      try numbers([Int(lengths.reduce(0, +)), inputs]), weights: weights,
      shape: RaggedShape(offsets: offsets, lengths: lengths.map(Int.init)), initial: initial,
      form: form)
    try tape.passGradient(try numbers([count, hidden]), to: final.hidden)
    try tape.backward(from: output)
    try add("states of \(cell)", output, to: &results)
    try add("gradients of \(cell)", store.gradients, to: &results)
  }
}
