import ClseqOps

extension Backend {
  /// Scans of real and complex poles, with steps and without: more channels than a vector has, more sequences than
  /// one, an empty one, and on a GPU more than one chunk.
  func linearScans(_ results: inout [CaseResult]) throws {
    for isComplex in [false, true] {
      for hasSteps in [false, true] {
        try scan(isComplex: isComplex, hasSteps: hasSteps, &results)
      }
    }
    try convolution(&results)
  }

  private func convolution(_ results: inout [CaseResult]) throws {
    let (times, channels, width) = ([0, 1, 0, 1, 2, 3, 4] + Array(0..<68), 19, 4)
    let n = times.count
    let store = ParameterStore(self)
    let weights = ConvolutionWeights(
      weight: store.declare("weight", [width, channels], .uniform(bound: 1)),
      bias: store.declare("bias", [channels], .uniform(bound: 1)))
    try store.allocate(seed: 1)
    let tape = trainingTape()
    let (x, positions) = (try numbers([n, channels]), try indices(times.map(Int32.init)))
    func once() throws -> Tensor { try tape.causalConvolution(x, weights, times: positions) }
    let sum = try tape.add(try once(), try once())
    try tape.backward(from: sum)
    try add("convolution", sum, to: &results)
    try add("gradient of convolution", tape.gradient(of: x), to: &results)
    try add("gradients of weights of convolution", store.gradients, to: &results)
  }

  private func scan(isComplex: Bool, hasSteps: Bool, _ results: inout [CaseResult]) throws {
    let (lengths, channels) = ([2, 0, 67, 1], 19)
    let n = lengths.reduce(0, +)
    let store = ParameterStore(self)
    func declare(_ name: String) -> Parameter {
      store.declare(name, [channels], .uniform(bound: 1))
    }
    let poles = ScanPoles(
      decay: declare("decay"), frequency: isComplex ? declare("frequency") : nil)
    try store.allocate(seed: 1)
    let tape = trainingTape()
    let x = try numbers([n, poles.width])
    let steps = hasSteps ? try tape.activation(.sigmoid, try numbers([n, channels])) : nil
    let offsets = try indices(lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) })
    let shape = RaggedShape(offsets: offsets, lengths: lengths)
    func once() throws -> Tensor {
      try tape.linearScan(x, poles: poles, steps: steps, shape: shape)
    }
    let sum = try tape.add(try once(), try once())
    try tape.backward(from: sum)
    let name = "\(isComplex ? "complex" : "real") scan\(hasSteps ? " with steps" : "")"
    try add(name, sum, to: &results)
    try add("gradient of \(name)", tape.gradient(of: x), to: &results)
    try add("gradients of poles of \(name)", store.gradients, to: &results)
    let inference = Tape(self, mode: .inference)
    let initial = try numbers([lengths.count, poles.width])
    let further = try inference.linearScan(
      x, poles: poles, steps: steps, shape: shape, initial: initial)
    try add("\(name) from a state", further, to: &results)
  }
}
