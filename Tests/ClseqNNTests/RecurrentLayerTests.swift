import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct RecurrentLayerTests {
  private func layer(
    _ cell: RecurrentCell, dropout: Float = 0, in store: ParameterStore
  ) -> RecurrentStack {
    RecurrentStack(cell, "rnn", inputs: 6, hiddenSizes: [20, 9], dropout: dropout, in: store)
  }

  /// Outputs of sequences in one batch, as one array per sequence.
  private func outputs(
    _ cell: RecurrentCell, _ inputs: [[Float]], numbers: [Int32]? = nil, dropout: Float = 0,
    on backend: Backend, mode: Mode
  ) throws -> [[Float]] {
    let store = ParameterStore(backend)
    let layer = layer(cell, dropout: dropout, in: store)
    try store.allocate(seed: 3)
    let lengths = inputs.map { $0.count / 6 }
    let batch = try TestBatch(
      lengths.map { [Int32](repeating: 1, count: $0) }, numbers: numbers
    ).make(on: backend)
    let x = try backend.tensor(inputs.flatMap { $0 }, [lengths.reduce(0, +), 6])
    let y = try layer(x, of: batch, on: Tape(backend, mode: mode))
    let values = try backend.read(y)
    var start = 0
    return lengths.map { length in
      defer { start += length * y.shape[1] }
      return Array(values[start..<start + length * y.shape[1]])
    }
  }

  /// Event by event, starting from zeros and from the state after some events: on the reference the
  /// bits of a pass over the whole sequence, on devices equal up to the order of sums.
  @Test(arguments: TestBackend.allCases, RecurrentCell.allCases)
  func stepsEqualTheWholePass(_ test: TestBackend, _ cell: RecurrentCell) throws {
    let backend = try test.make()
    let before = backend.bytesInUse
    var numbers = TestNumbers(seed: 1)
    let (count, length) = (3, 7)
    let inputs = (0..<count).map { _ in numbers.floats(length * 6) }
    let whole = try outputs(cell, inputs, on: backend, mode: .inference)
    for start in [0, 4] {
      let store = ParameterStore(backend)
      let layer = layer(cell, in: store)
      try store.allocate(seed: 3)
      let tape = Tape(backend, mode: .inference)
      var state = try layer.initialState(count, on: backend)
      if start > 0 {
        let batch = try TestBatch(
          (0..<count).map { _ in [Int32](repeating: 1, count: start) }
        ).make(on: backend)
        let x = try backend.tensor(
          inputs.flatMap { $0.prefix(start * 6) }, [count * start, 6])
        state = try layer.outputAndState(x, of: batch, from: nil, on: tape).state
      }
      for time in start..<length {
        let x = try backend.tensor(
          inputs.flatMap { $0[time * 6..<time * 6 + 6] }, [count, 6])
        let (y, next) = try layer.step(x, state, on: tape)
        state = next
        let width = y.shape[1]
        let expected = whole.flatMap { $0[time * width..<(time + 1) * width] }
        let actual = try backend.read(y)
        if backend.isReference {
          #expect(actual == expected)
        } else {
          #expect(largestError(actual, expected) < Tolerance.singleValues)
        }
      }
      #expect(state.layers.count == 2 && state.sequenceCount == count)
    }
    #expect(backend.bytesInUse == before)
  }

  /// Dropout between layers depends on the sequence alone, not on other sequences or their order.
  @Test(arguments: TestBackend.allCases, RecurrentCell.allCases)
  func theOtherSequencesOfABatchChangeNothing(_ test: TestBackend, _ cell: RecurrentCell) throws {
    let backend = try test.make()
    var numbers = TestNumbers(seed: 2)
    let inputs = [3, 8, 1, 5].map { numbers.floats($0 * 6) }
    let mode = Mode.training(RandomKey(seed: 1, epoch: 2))
    let together = try outputs(
      cell, inputs, numbers: [4, 8, 0, 2], dropout: 0.4, on: backend, mode: mode)
    let alone = try outputs(
      cell, [inputs[1]], numbers: [8], dropout: 0.4, on: backend, mode: mode)
    #expect(alone[0] == together[1])
    let plain = try outputs(cell, inputs, dropout: 0.4, on: backend, mode: .inference)
    #expect(plain == (try outputs(cell, inputs, on: backend, mode: .inference)))
    #expect(plain != together)
  }

  @Test func parametersAreNamedAndInitialisedAsDocumented() throws {
    let backend = Backend.reference()
    let store = ParameterStore(backend)
    _ = layer(.lstm, in: store)
    _ = RecurrentStack(.lstm, "plain", inputs: 2, hiddenSizes: [16], forgetBias: nil, in: store)
    try store.allocate(seed: 1)
    #expect(
      store.parameters.prefix(8).map(\.name)
        == (0..<2).flatMap { layer in
          ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map {
            "rnn.\($0)_l\(layer)"
          }
        })
    #expect(
      store.parameters.prefix(8).map(\.shape) == [
        [80, 6], [80, 20], [80], [80], [36, 20], [36, 9], [36], [36],
      ])
    for parameter in store.parameters {
      let isPlain = parameter.name.hasPrefix("plain")
      var values = try backend.read(parameter.value)
      let hidden = isPlain ? 16 : parameter.name.hasSuffix("l0") ? 20 : 9
      if parameter.name.hasPrefix("rnn.bias_ih") {
        #expect(values[hidden..<2 * hidden].allSatisfy { $0 == 1 })
        values.removeSubrange(hidden..<2 * hidden)
      }
      let bound = 1 / Float(hidden).squareRoot()
      #expect(values.allSatisfy { $0 >= -bound && $0 < bound })

      #expect(values.max()! > 0.5 * bound && values.min()! < -0.5 * bound)
      #expect(Set(values).count == values.count)
    }
  }
}
