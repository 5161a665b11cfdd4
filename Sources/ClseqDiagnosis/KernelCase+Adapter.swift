import ClseqNN
import ClseqOps

/// Maps with adapters.
extension Backend {
  /// A product to which the values of an adapter are added before its activation.
  func adaptedMap(_ results: inout [CaseResult]) throws {
    let store = ParameterStore(self)
    let map = Linear(
      "map", inputs: 11, outputs: 38, adaptation: LowRankAdaptation(rank: 3, alpha: 6), in: store)
    try store.allocate(seed: 2)
    try write([Float](repeating: 0.5, count: 38 * 3), to: map.adapters[0].up.value)
    let tape = trainingTape()
    let x = try numbers([36, 11])
    let y = try map(x, activation: .gelu, on: tape)
    try tape.backward(from: y)
    try add("adapted map", y, to: &results)
    try add("gradient of its input", tape.gradient(of: x), to: &results)
    try add("gradient of its adapter", map.adapters[0].down.gradient, to: &results)
  }
}
