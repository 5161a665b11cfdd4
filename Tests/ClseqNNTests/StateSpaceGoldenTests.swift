import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

/// State-space layers against PyTorch, with numbers from `Fixtures/state_space_goldens.py`.
@Suite struct StateSpaceGoldenTests {
  @Test(arguments: TestBackend.allCases, StateSpaceKind.allCases)
  func resultsAndGradients(_ kind: TestBackend, _ layerKind: StateSpaceKind) throws {
    let backend = try kind.make()
    let golden = try GoldenArrays("state_space.safetensors")
    func values(_ name: String) -> [Float] { golden["\(layerKind.rawValue).\(name)"] }
    let store = ParameterStore(backend)
    let layer = layerKind.layer(
      "layer", StateSpaceSizes(width: 5, channels: 7, gapCount: 3), in: store)
    try store.allocate(seed: 0)
    for parameter in store.parameters {
      #expect(golden.shape("\(layerKind.rawValue).\(parameter.name)") == parameter.shape)
      try backend.write(values(parameter.name), to: parameter.value)
    }
    var batch = try TestBatch([[1, 2, 3], [1, 2, 3, 4, 5, 6], [1], [1, 2, 3, 4]])
      .make(on: backend)
    let gaps = (0..<14).map { Int32($0 % 3) }
    batch.inputs.gaps = EventCodes(
      codes: try backend.indices(gaps),
      rows: try backend.rowIndex(RowIndex(gaps, rowCount: 3)))
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let x = try backend.tensor(values("x"), [14, 5])
    let (output, _) = try layer(x, of: batch, in: nil, on: tape)
    try tape.backward(from: output, gradient: try backend.tensor(values("dy"), [14, 5]))
    let results =
      [("output", output), ("dx", try #require(tape.gradient(of: x)))]
      + store.parameters.map { ("d" + $0.name, $0.gradient) }
    for (name, tensor) in results {
      let error = largestError(try backend.read(tensor), values(name))
      #expect(error < Tolerance.recurrentGolden, "\(name)")
    }
  }
}
