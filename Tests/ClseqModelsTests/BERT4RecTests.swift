import ClseqModels
import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct BERT4RecTests {
  private static let sequences: [[Int32]] = [
    [3, 1, 10, 1, 5, 9, 2, 6, 10], [5, 10, 5], [10], [9, 7, 9, 10, 2],
  ]

  /// That of `Tests/Fixtures/bert4rec_goldens.py`.
  private func configuration() -> ModelConfiguration {
    var configuration = ModelConfiguration(.bert4rec, itemCount: 9)
    configuration.maximumLength = 8
    configuration[.hiddenSize] = 12
    configuration[.feedForwardSize] = 20
    configuration[.dropout] = 0
    configuration.ranksItems = false
    configuration.inputs.typeCount = 4
    configuration.inputs.gapCount = 5
    configuration.inputs.numberCount = 2
    configuration.inputs.items = .init((0..<33).map { Float($0 % 7) / 7 }, width: 3)
    configuration.inputs.users = .init((0..<10).map { Float($0 % 3) / 3 }, width: 1)
    return configuration
  }

  private func batch(_ sequences: [[Int32]], on backend: Backend) throws -> EventBatch {
    try TestBatch(sequences).make(on: backend, typeCount: 4, gapCount: 5, numberCount: 2)
  }

  @Test(arguments: TestBackend.allCases)
  func statesAndGradientsAreThoseOfPyTorch(_ kind: TestBackend) throws {
    try expectGolden(
      "bert4rec.safetensors", .bert4rec, configuration(),
      Self.sequences, on: kind)
  }

  @Test func sharesOfOneWholeAreAtMostOne() {
    var values = ModelValues()
    (values[.maskRandom], values[.maskKept]) = (0.6, 0.5)
    #expect(ModelKind.bert4rec.fault(of: values)?.contains("mask_random") ?? false)
    values[.maskKept] = 0.4
    #expect(ModelKind.bert4rec.fault(of: values) == nil)
  }

  @Test func theMaskIsTheLastRow() throws {
    let store = ParameterStore(try TestBackend.reference.make())
    #expect(try ModelKind.bert4rec.model(configuration(), in: store).maskItem == 10)
  }

  /// Every event counts for every state of its sequence.
  @Test(arguments: TestBackend.allCases)
  func aStateSeesTheWholeSequence(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let model = try ModelKind.bert4rec.model(configuration(), in: store)
    try store.allocate(seed: 5)
    func states(_ sequences: [[Int32]]) throws -> [Float] {
      let tape = Tape(backend, mode: .inference)
      return try backend.read(
        try model.hiddenStates(of: try batch(sequences, on: backend), only: nil, on: tape))
    }
    let one = try states([[3, 1, 4, 1, 5], [9, 2]])
    let two = try states([[3, 1, 4, 1, 6], [9, 2]])
    for event in 0..<5 {
      #expect(one[event * 12..<(event + 1) * 12] != two[event * 12..<(event + 1) * 12])
    }
    #expect(one[60...] == two[60...])
  }
}
