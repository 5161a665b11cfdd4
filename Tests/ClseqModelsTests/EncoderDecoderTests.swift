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

  /// In training the states are those after the chosen places' own guesses: the items of the largest scores of a pass
  /// in inference, after the true items.
  @Test(arguments: TestBackend.allCases, [ModelKind.seq2seq, .lstmSeq2seq])
  func chosenPlacesHaveTheItemsThatTheModelGuesses(
    _ kind: TestBackend, _ name: ModelKind
  ) throws {
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let model = try name.model(configuration(name), in: store)
    try store.allocate(seed: 5)
    let table = try backend.read(model.itemTable.value)
    // Places in the batch, and the written events before them.
    let (places, sources): ([Int], [Int]) = ([5, 7, 11, 17], [0, 2, 5, 9])
    let truth = try batch(Self.sequences, on: backend)
    let key = RandomKey(seed: 1, epoch: 0)
    let plain = try backend.read(
      try model.hiddenStates(of: truth, only: nil, on: Tape(backend, mode: .training(key))))
    let guesses = sources.map { source -> Int32 in
      let scores = (1...9).map { item in
        (0..<12).reduce(Float(0)) { $0 + plain[source * 12 + $1] * table[item * 12 + $1] }
      }
      return Int32(scores.indices.max { scores[$0] < scores[$1] }! + 1)
    }
    var items = Self.sequences.flatMap(\.self)
    var choices = [Int32](repeating: -1, count: items.count)
    for (number, place) in places.enumerated() {
      items[place] = guesses[number]
      choices[place] = Int32(number)
    }
    #expect(items != Self.sequences.flatMap(\.self))
    var chosen = truth
    let none = try backend.indices([0, 0, 0, 0, 0])
    chosen.guesses = EventGuesses(
      sources: try backend.indices(sources.map { Int32($0) }),
      choices: try backend.indices(choices),
      exclusions: UserRows(offsets: none, rows: none))
    let moment = TrainingMoment(epoch: 0, step: 0, eventCount: items.count)
    let tape = Tape(backend, mode: .training(key))
    let states = try model.trainingStates(of: chosen, at: moment, only: nil, on: tape).states
    // Other inputs are those of the events in whose places the guesses stand.
    let expected = try model.hiddenStates(
      of: truth.with(items: try backend.indices(items)), only: nil,
      on: Tape(backend, mode: .inference))
    let values = try backend.read(states)
    #expect(
      largestError(values, try backend.read(expected)) < Double(Tolerance.hiddenState))
    #expect(values != plain)
    // Item 1 is read; an item that stands in chosen places alone gets no gradient.
    try tape.backward(from: states)
    let gradient = try backend.read(model.itemTable.gradient)
    let alone = Set(
      items.indices.filter { choices[$0] >= 0 }.map { Self.sequences.flatMap(\.self)[$0] }
    )
    .subtracting(items.indices.filter { choices[$0] < 0 }.map { items[$0] })
    #expect(!alone.isEmpty)
    for item in alone {
      #expect(gradient[Int(item) * 12..<(Int(item) + 1) * 12].allSatisfy { $0 == 0 })
    }
    #expect(gradient[12..<24].contains { $0 != 0 })
  }

  @Test func theStartIsTheLastRow() throws {
    let store = ParameterStore(try TestBackend.reference.make())
    let model = try ModelKind.seq2seq.model(configuration(), in: store)
    #expect(model.maskItem == 10 && model.writes && model.itemTable.shape[0] == 11)
  }
}
