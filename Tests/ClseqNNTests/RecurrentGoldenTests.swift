import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

/// Layers against PyTorch, with numbers from `Fixtures/recurrent_goldens.py`.
@Suite struct RecurrentGoldenTests {
  enum Golden: String, CaseIterable, Sendable {
    case lstm, stacked, stateful, gru
    case statefulGRU = "stateful_gru"

    var hidden: [Int] {
      switch self {
      case .lstm, .gru: [7, 7]
      case .stacked: [8, 8]
      case .stateful: [9]
      case .statefulGRU: [10]
      }
    }
    var hasState: Bool { self != .lstm && self != .gru }
    var cell: RecurrentCell { self == .gru || self == .statefulGRU ? .gru : .lstm }
  }

  @Test(arguments: TestBackend.allCases, Golden.allCases)
  func resultsAndGradients(_ kind: TestBackend, _ golden: Golden) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let file = try ParameterFile(readingFrom: Fixture.path("recurrent.safetensors"))
      func values(_ name: String) throws -> (shape: [Int], floats: [Float]) {
        let found = file.entry("\(golden.rawValue).\(name)")
        let entry = try #require(found)
        return (entry.shape, try file.floats(entry.name, shape: entry.shape))
      }
      func tensor(_ name: String) throws -> Tensor {
        let (shape, floats) = try values(name)
        return try backend.tensor(floats, shape)
      }
      let store = ParameterStore(backend)
      let layer = RecurrentStack(
        golden.cell, "layer", inputs: 5, hiddenSizes: golden.hidden, in: store)
      try store.allocate(seed: 0)
      for parameter in store.parameters {
        let (shape, floats) = try values(parameter.name)
        #expect(shape == parameter.shape)
        try backend.write(floats, to: parameter.value)
      }
      let state =
        golden.hasState
        ? RecurrentState(
          layers: try golden.hidden.indices.map {
            LayerState(
              hidden: try tensor("h0_l\($0)"),
              cell: golden.cell.hasMemory ? try tensor("c0_l\($0)") : nil)
          }) : nil
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let batch = try TestBatch([[1, 2, 3], [1, 2, 3, 4, 5, 6], [1], [1, 2, 3, 4]])
        .make(on: backend)
      let x = try tensor("x")
      let (output, final) = try layer.outputAndState(x, of: batch, from: state, on: tape)
      var results = [("output", output)]
      for (index, layer) in final.layers.enumerated() {
        results.append(("hn_l\(index)", layer.hidden))
        if golden.hasState { try tape.passGradient(tensor("dhn_l\(index)"), to: layer.hidden) }
        guard let cell = layer.cell else { continue }
        results.append(("cn_l\(index)", cell))
        if golden.hasState { try tape.passGradient(tensor("dcn_l\(index)"), to: cell) }
      }
      try tape.backward(from: output, gradient: tensor("dy"))
      results.append(("dx", try #require(tape.gradient(of: x))))
      for (index, layer) in (state?.layers ?? []).enumerated() {
        results.append(("dh0_l\(index)", try #require(tape.gradient(of: layer.hidden))))
        guard let cell = layer.cell else { continue }
        results.append(("dc0_l\(index)", try #require(tape.gradient(of: cell))))
      }
      results += store.parameters.map { ("d" + $0.name, $0.gradient) }
      for (name, tensor) in results {
        let error = largestError(try backend.read(tensor), try values(name).floats)
        #expect(error < Tolerance.recurrentGolden, "\(name)")
      }
    }
    #expect(backend.bytesInUse == before)
  }
}
