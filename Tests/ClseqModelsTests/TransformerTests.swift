import ClseqModels
import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct TransformerTests {
  private func configuration(
    norm: TransformerBlock.NormPlacement = .pre, positions: PositionEncoding = .learned,
    activation: Activation = .gelu
  ) -> ModelConfiguration {
    var configuration = ModelConfiguration(.transformer, itemCount: 20)
    configuration.maximumLength = 9
    configuration[.hiddenSize] = 24
    configuration[.feedForwardSize] = 40
    configuration[.dropout] = 0.3
    configuration[.activation] = activation
    configuration[.norm] = norm
    configuration[.positions] = positions
    return configuration
  }

  /// Hidden states of sequences, in one batch, as one array per sequence.
  private func hiddenStates(
    _ sequences: [[Int32]], _ configuration: ModelConfiguration, on kind: TestBackend,
    numbers: [Int32]? = nil, mode: Mode = .inference
  ) throws -> [[Float]] {
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let model = try Transformer(configuration, in: store)
    try store.allocate(seed: 5)
    let batch = try TestBatch(sequences, numbers: numbers).make(on: backend)
    let tape = Tape(backend, mode: mode)
    let values = try backend.read(try model.hiddenStates(of: batch, on: tape))
    let width = configuration[.hiddenSize]
    var start = 0
    return sequences.map { sequence in
      defer { start += sequence.count * width }
      return Array(values[start..<start + sequence.count * width])
    }
  }

  @Test(arguments: TestBackend.allCases)
  func aLaterEventNeverChangesAnEarlierState(_ kind: TestBackend) throws {
    let one = try hiddenStates([[3, 1, 4, 1, 5], [9, 2]], configuration(), on: kind)
    let two = try hiddenStates([[3, 1, 4, 7, 8], [9, 6]], configuration(), on: kind)
    #expect(one[0][..<(3 * 24)] == two[0][..<(3 * 24)])
    #expect(one[0][(3 * 24)...] != two[0][(3 * 24)...])
    #expect(one[1][..<24] == two[1][..<24])
  }

  @Test(arguments: TestBackend.allCases)
  func theOtherSequencesOfABatchChangeNothing(_ kind: TestBackend) throws {
    let random = Mode.training(RandomKey(seed: 1, epoch: 2))
    let alone = try hiddenStates(
      [[3, 1, 4]], configuration(), on: kind, numbers: [8], mode: random)
    let together = try hiddenStates(
      [[9, 2, 6, 5, 3, 5, 8], [3, 1, 4], [7]], configuration(), on: kind, numbers: [4, 8, 0],
      mode: random)
    #expect(alone[0] == together[1])
  }

  @Test(arguments: TestBackend.onDevice, TransformerBlock.NormPlacement.allCases)
  func statesAgreeWithTheReference(
    _ kind: TestBackend, _ norm: TransformerBlock.NormPlacement
  ) throws {
    let configuration = configuration(norm: norm, positions: .sinusoidal, activation: .relu)
    let sequences: [[Int32]] = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [20, 19], [5]]
    let device = try hiddenStates(sequences, configuration, on: kind).joined()
    let reference = try hiddenStates(sequences, configuration, on: .reference).joined()
    for (value, expected) in zip(device, reference) {
      #expect(abs(value - expected) < Tolerance.hiddenState)
    }
  }

  @Test(arguments: TestBackend.allCases, TransformerBlock.NormPlacement.allCases)
  func statesOfSomeEventsAreThoseOfAll(
    _ kind: TestBackend, _ norm: TransformerBlock.NormPlacement
  ) throws {
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let model = try Transformer(configuration(norm: norm), in: store)
    try store.allocate(seed: 5)
    let batch = try TestBatch([[3, 1, 4], [1, 5], [9, 2, 6, 5]]).make(on: backend)
    let tape = Tape(backend, mode: .inference)
    let all = try backend.read(try model.hiddenStates(of: batch, on: tape))
    let rows = try backend.indices([2, 4, 8])
    let some = try backend.read(try model.hiddenStates(of: batch, only: EventRows(rows), on: tape))
    let expected: [Float] = [2, 4, 8].flatMap { (row: Int) in all[row * 24..<(row + 1) * 24] }
    #expect(some == expected)
  }

  @Test func parametersHaveTheNamesAndShapesOfTheirFiles() throws {
    let store = ParameterStore(try TestBackend.reference.make())
    _ = try Transformer(configuration(), in: store)
    let names = store.parameters.map { "\($0.name) \($0.shape) \($0.parts)" }
    #expect(names.prefix(2) == ["items.weight [21, 24] []", "positions.weight [9, 24] []"])
    #expect(
      names.contains(#"blocks.1.attention.weight [72, 24] ["query", "key", "value"]"#))
    #expect(names.contains("blocks.0.feed_forward.up.weight [40, 24] []"))
    #expect(names.suffix(2) == ["norm.weight [24] []", "norm.bias [24] []"])
    #expect(names.count == 2 + 2 * 12 + 2)
  }
}
