import ClseqModels
import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct EncoderDecoderTests {
  /// Those of `Tests/Fixtures/seq2seq_goldens.py`; item 10 is the start, in the middle of each sequence.
  private static let sequences: [[Int32]] = [
    [3, 1, 4, 1, 10, 5, 9, 2, 6], [5, 10, 5], [10], [9, 7, 10, 3, 2],
  ]
  private static let targets: [Int32] = [5, 9, 2, 6, 7, 5, 8, 1, 3, 2, 4]

  private func configuration(
    _ kind: ModelKind = .seq2seq, post: Bool = false
  ) -> ModelConfiguration {
    var configuration = ModelConfiguration(kind, itemCount: 9)
    configuration[.recurrentSizes] = [14]
    configuration.maximumLength = 8
    (configuration[.hiddenSize], configuration[.feedForwardSize]) = (12, 20)
    configuration[.dropout] = 0
    if post { (configuration[.norm], configuration[.activation]) = (.post, .relu) }
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

  @Test(arguments: TestBackend.allCases, ["seq2seq", "seq2seq_post", "lstm_seq2seq"])
  func theTeacherForcedLossIsThatOfPyTorch(_ kind: TestBackend, _ file: String) throws {
    let golden = try GoldenArrays("\(file).safetensors")
    let name: ModelKind = file == "lstm_seq2seq" ? .lstmSeq2seq : .seq2seq
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let model = try name.model(configuration(name, post: file == "seq2seq_post"), in: store)
    try store.allocate(seed: 1)
    for parameter in store.parameters {
      try backend.write(golden[parameter.name], to: parameter.value)
    }
    let tape = Tape(backend, mode: .training(RandomKey(seed: 1, epoch: 0)))
    let states = try model.hiddenStates(
      of: try batch(Self.sequences, on: backend), only: nil, on: tape)
    #expect(states.shape == golden.shape("states"))
    #expect(
      largestError(try backend.read(states), golden["states"]) < Double(Tolerance.hiddenState))
    let loss = try tape.linearCrossEntropy(
      states, table: try #require(model.outputTable), targets: try backend.indices(Self.targets),
      firstClass: 1, classCount: 9, scale: 1 / Float(Self.targets.count))
    #expect(abs(try backend.read(loss)[0] - golden["loss"][0]) < Tolerance.loss(golden["loss"][0]))
    try tape.backward(from: loss)
    for parameter in store.parameters {
      let gradient = try backend.read(parameter.gradient)
      #expect(
        largestError(gradient, golden["\(parameter.name).gradient"])
          < Double(Tolerance.modelGradient), "\(parameter.name)")
    }
  }

  /// A state sees all that is read and what was written up to it, and nothing that is written later.
  @Test(arguments: TestBackend.allCases, [ModelKind.seq2seq, .lstmSeq2seq])
  func aStateSeesWhatIsReadAndWasWritten(_ kind: TestBackend, _ name: ModelKind) throws {
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let model = try name.model(configuration(name), in: store)
    try store.allocate(seed: 5)
    func states(_ sequence: [Int32]) throws -> [[Float]] {
      let tape = Tape(backend, mode: .inference)
      let values = try backend.read(
        try model.hiddenStates(
          of: try batch([sequence, [9, 10]], on: backend), only: nil, on: tape))
      return (0..<values.count / 12).map { Array(values[$0 * 12..<($0 + 1) * 12]) }
    }
    let one = try states([3, 1, 4, 10, 5, 9])
    #expect(one.count == 4)
    let read = try states([3, 2, 4, 10, 5, 9])
    #expect(zip(one, read).map { $0 == $1 } == [false, false, false, true])
    let written = try states([3, 1, 4, 10, 6, 9])
    #expect(zip(one, written).map { $0 == $1 } == [true, false, false, true])
  }

  @Test func theStartIsTheLastRow() throws {
    let store = ParameterStore(try TestBackend.reference.make())
    let model = try ModelKind.seq2seq.model(configuration(), in: store)
    #expect(model.maskItem == 10 && model.writes && model.itemTable.shape[0] == 11)
  }
}
