import ClseqModels
import ClseqOps
import ClseqTestSupport
import Testing

/// Compares a model's states and gradients with those of PyTorch in a file of `Tests/Fixtures`.
func expectGolden(
  _ file: String, _ kind: ModelKind, _ configuration: ModelConfiguration,
  _ sequences: [[Int32]], on device: TestBackend
) throws {
  let golden = try GoldenArrays(file)
  let backend = try device.make()
  let before = backend.bytesInUse
  do {
    let store = ParameterStore(backend)
    let model = try kind.model(configuration, in: store)
    try store.allocate(seed: 1)
    for parameter in store.parameters {
      try backend.write(golden[parameter.name], to: parameter.value)
    }
    let batch = try TestBatch(sequences)
      .make(on: backend, typeCount: 4, gapCount: 5, numberCount: 2)
    let tape = Tape(backend, mode: .training(RandomKey(seed: 1, epoch: 0)))
    let states = try model.hiddenStates(of: batch, only: nil, on: tape)
    #expect(states.shape == golden.shape("states"))
    try tape.backward(
      from: states, gradient: try backend.tensor(golden["weights"], states.shape))
    #expect(
      largestError(try backend.read(states), golden["states"]) < Double(Tolerance.hiddenState))
    for parameter in store.parameters {
      let gradient = try backend.read(parameter.gradient)
      let expected = golden["\(parameter.name).gradient"]
      #expect(
        largestError(gradient, expected) < Double(Tolerance.modelGradient), "\(parameter.name)")
    }
  }
  #expect(backend.bytesInUse == before)
}
