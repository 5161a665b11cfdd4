import ClseqModels
import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct PooledModelTests {
  private static let sequences: [[Int32]] = [
    [3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5], [8], [9, 7, 9, 3, 2],
  ]

  private struct Run {
    let backend: Backend
    let store: ParameterStore
    let base: any SequenceModel
    let model: PooledModel

    init(_ pooling: Pooling, on kind: TestBackend, width: Int = 12) throws {
      backend = try kind.make()
      store = ParameterStore(backend)
      var configuration = ModelConfiguration(.transformer, itemCount: 9)
      configuration.maximumLength = 8
      (configuration[.hiddenSize], configuration[.heads]) = (width, 2)
      configuration[.dropout] = 0.2
      base = try ModelKind.transformer.model(configuration, in: store)
      model = PooledModel(base, pooling, in: store)
      try store.allocate(seed: 5)
    }

    func states(
      _ model: any SequenceModel, _ sequences: [[Int32]], numbers: [Int32]? = nil
    ) throws -> [Float] {
      let tape = Tape(backend, mode: .inference)
      return try backend.read(
        try model.hiddenStates(
          of: TestBatch(sequences, numbers: numbers).make(on: backend), only: nil, on: tape))
    }
  }

  /// The mean of the states up to each event; heads divide a width that is no multiple of theirs.
  @Test(arguments: TestBackend.allCases, [12, 70, 130])
  func aMeanIsThatOfTheStatesSoFar(_ kind: TestBackend, _ width: Int) throws {
    let run = try Run(.mean, on: kind, width: width)
    let (states, pooled) = (
      try run.states(run.base, Self.sequences), try run.states(run.model, Self.sequences)
    )
    var row = 0
    for sequence in Self.sequences {
      var sums = [Double](repeating: 0, count: width)
      for time in sequence.indices {
        for d in 0..<width {
          sums[d] += Double(states[row * width + d])
          let mean = sums[d] / Double(time + 1)
          #expect(abs(Double(pooled[row * width + d]) - mean) < Double(Tolerance.hiddenState))
        }
        row += 1
      }
    }
  }

  @Test(arguments: TestBackend.onDevice, [Pooling.mean, .attention])
  func gradientsAreThoseOfTheReference(_ kind: TestBackend, _ pooling: Pooling) throws {
    func gradients(_ kind: TestBackend) throws -> [(name: String, values: [Float])] {
      let run = try Run(pooling, on: kind)
      let before = run.backend.bytesInUse
      defer { #expect(run.backend.bytesInUse == before) }
      let batch = try TestBatch(Self.sequences).make(on: run.backend)
      let rows: [Int32] = [7, 10, 11, 16]
      let last = EventRows(
        try run.backend.indices(rows),
        index: try run.backend.rowIndex(RowIndex(rows, rowCount: batch.eventCount)))
      let tape = Tape(run.backend, mode: .training(RandomKey(seed: 3, epoch: 0)))
      let states = try run.model.hiddenStates(of: batch, only: last, on: tape)
      #expect(states.shape == [4, 12])
      var numbers = TestNumbers(seed: 2)
      try tape.backward(
        from: states,
        gradient: try run.backend.tensor(numbers.floats(states.count), states.shape))
      return try run.store.parameters.map { ($0.name, try run.backend.read($0.gradient)) }
    }
    for (actual, expected) in zip(try gradients(kind), try gradients(.reference)) {
      #expect(
        largestError(actual.values, expected.values) < Double(Tolerance.modelGradient),
        "\(expected.name)")
      #expect(expected.values.contains { $0 != 0 }, "\(expected.name)")
    }
  }

  /// A trained query weighs events, and the others of a batch change nothing.
  @Test(arguments: TestBackend.allCases)
  func attentionWeighsEvents(_ kind: TestBackend) throws {
    let (mean, weighted) = (try Run(.mean, on: kind), try Run(.attention, on: kind))
    let query = try #require(
      weighted.store.parameters.first { $0.name == "pooling.query.weight" })
    try weighted.backend.write([Float](repeating: 2, count: 12), to: query.value)
    let pooled = try weighted.states(weighted.model, Self.sequences)
    #expect(pooled != (try mean.states(mean.model, Self.sequences)))
    let alone = try weighted.states(weighted.model, [Self.sequences[1]], numbers: [1])
    #expect(Array(pooled[8 * 12..<11 * 12]) == alone)
  }
}
