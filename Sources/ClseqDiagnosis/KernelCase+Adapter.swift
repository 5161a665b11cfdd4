import ClseqOps

/// Maps with adapters.
extension Backend {
  /// A product to which the values of an adapter are added before its activation, as `LowRankAdapter` gives them.
  func adaptedMap(_ results: inout [CaseResult]) throws {
    let store = ParameterStore(self)
    func weight(_ name: String, _ shape: [Int]) -> Parameter {
      store.declare(name, shape, .normal(standardDeviation: 1))
    }
    let (map, bias) = (weight("map", [38, 11]), weight("bias", [38]))
    let (down, up) = (weight("down", [3, 11]), weight("up", [38, 3]))
    try store.allocate(seed: 2)
    let tape = trainingTape()
    let x = try numbers([36, 11])
    let inner = try tape.scale(try tape.linear(x, weight: down), by: 2)
    let y = try tape.linear(
      x, weight: map, bias: bias, adding: try tape.linear(inner, weight: up), activation: .gelu)
    try tape.backward(from: y)
    try add("adapted map", y, to: &results)
    try add("gradient of its input", tape.gradient(of: x), to: &results)
    try add("gradients of its weights", store.gradients, to: &results)
  }
}
