import ClseqModels
import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct SequenceAutoencoderTests {
  /// Those of `Tests/Fixtures/autoencoder_goldens.py`.
  private static let sequences: [[Int32]] = [
    [3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5], [8], [9, 7, 9, 3, 2],
  ]
  private static let kinds = [ModelKind.autoencoder, .vae, .convAutoencoder]

  private func configuration(
    _ kind: ModelKind, encoder: SequenceEncoding = .lstm
  ) -> ModelConfiguration {
    var configuration = ModelConfiguration(kind, itemCount: 9)
    configuration.maximumLength = 8
    (configuration[.hiddenSize], configuration[.feedForwardSize]) = (12, 20)
    (configuration[.recurrentSizes], configuration[.codeSize]) = ([14], 5)
    configuration[.encoder] = encoder
    (configuration[.beta], configuration[.klWarmupEpochs]) = (0.5, 4)
    configuration.inputs.typeCount = 4
    configuration.inputs.gapCount = 5
    configuration.inputs.numberCount = 2
    configuration.inputs.items = .init((0..<33).map { Float($0 % 7) / 7 }, width: 3)
    configuration.inputs.users = .init((0..<10).map { Float($0 % 3) / 3 }, width: 1)
    return configuration
  }

  private func batch(_ sequences: [[Int32]] = Self.sequences, on backend: Backend) throws
    -> EventBatch
  {
    try TestBatch(sequences).make(on: backend, typeCount: 4, gapCount: 5, numberCount: 2)
  }

  private struct Opened {
    let backend: Backend
    let store: ParameterStore
    let model: any CompressingModel
  }

  private func open(_ configuration: ModelConfiguration, _ kind: ModelKind, on device: TestBackend)
    throws -> Opened
  {
    let backend = try device.make()
    let store = ParameterStore(backend)
    let model = try #require(try kind.model(configuration, in: store) as? any CompressingModel)
    try store.allocate(seed: 5)
    return Opened(backend: backend, store: store, model: model)
  }

  @Test(
    arguments: TestBackend.allCases,
    ["autoencoder", "autoencoder_gru", "autoencoder_transformer", "conv_autoencoder", "vae"])
  func lossAndGradientsAreThoseOfPyTorch(_ device: TestBackend, _ file: String) throws {
    let golden = try GoldenArrays("\(file).safetensors")
    let encoder = SequenceEncoding.allCases.first { file.hasSuffix("_\($0.rawValue)") } ?? .lstm
    let kind: ModelKind =
      file == "vae" ? .vae : file == "conv_autoencoder" ? .convAutoencoder : .autoencoder
    let run = try open(configuration(kind, encoder: encoder), kind, on: device)
    for parameter in run.store.parameters {
      try run.backend.write(golden[parameter.name], to: parameter.value)
    }
    let tape = Tape(run.backend, mode: .training(RandomKey(seed: 1, epoch: 0)))
    let batch = try batch(on: run.backend)
    // The fourth of four epochs: the divergence has its weight.
    let moment = TrainingMoment(epoch: 3, step: 0, eventCount: batch.eventCount)
    let result = try run.model.trainingStates(of: batch, at: moment, only: nil, on: tape)
    #expect(
      largestError(try run.backend.read(result.states), golden["states"])
        < Double(Tolerance.hiddenState))
    let loss = try tape.linearCrossEntropy(
      result.states, table: try #require(run.model.outputTable),
      targets: batch.events.items, firstClass: 1, classCount: 9,
      scale: 1 / Float(batch.eventCount))
    let losses = [loss] + result.losses
    #expect(losses.count == (kind == .vae ? 2 : 1))
    for (value, expected) in zip(losses, golden["losses"]) {
      #expect(abs(try run.backend.read(value)[0] - expected) < Tolerance.loss(expected))
    }
    let sum = try losses.dropFirst().reduce(loss) { try tape.add($0, $1) }
    try tape.backward(from: sum)
    for parameter in run.store.parameters {
      #expect(
        largestError(
          try run.backend.read(parameter.gradient), golden["\(parameter.name).gradient"])
          < Double(Tolerance.modelGradient), "\(parameter.name)")
    }
  }

  /// An event is written from the code and the events before it; the code is of all events.
  @Test(arguments: TestBackend.allCases, kinds)
  func aStateSeesTheCodeAndWhatIsBeforeIt(_ device: TestBackend, _ kind: ModelKind) throws {
    let run = try open(configuration(kind), kind, on: device)
    func states(_ sequence: [Int32], codeOf other: [Int32]) throws -> [[Float]] {
      let tape = Tape(run.backend, mode: .inference)
      let code = try run.model.codes(of: try batch([other], on: run.backend), on: tape).means
      let values = try run.backend.read(
        try run.model.states(of: try batch([sequence], on: run.backend), from: code, on: tape))
      return (0..<sequence.count).map { Array(values[$0 * 12..<($0 + 1) * 12]) }
    }
    let one = try states([3, 1, 4, 1], codeOf: [3, 1, 4, 1])
    let late = try states([3, 1, 5, 1], codeOf: [3, 1, 4, 1])
    #expect(zip(one, late).map { $0 == $1 } == [true, true, true, false])
    let other = try states([3, 1, 4, 1], codeOf: [3, 1, 4, 2])
    #expect(zip(one, other).map { $0 == $1 } == [false, false, false, false])
  }

  /// Step by step the states are those of all events at once.
  @Test(arguments: TestBackend.allCases, [[14], [14, 9]])
  func stepsGiveTheSameStates(_ device: TestBackend, _ sizes: [Int]) throws {
    var configuration = configuration(.vae)
    configuration[.recurrentSizes] = sizes
    let run = try open(configuration, .vae, on: device)
    let tape = Tape(run.backend, mode: .inference)
    let sequence: [Int32] = [3, 1, 4, 1]
    let whole = try batch([sequence], on: run.backend)
    let codes = try run.model.codes(of: whole, on: tape).means
    let expected = try run.backend.read(try run.model.states(of: whole, from: codes, on: tape))
    var state = try run.model.beginning(of: codes, on: tape)
    var actual: [Float] = []
    for item in [0] + sequence.dropLast() {
      let step = try run.model.next(after: try run.backend.indices([item]), state, on: tape)
      actual += try run.backend.read(step.states)
      state = step.state
    }
    #expect(largestError(actual, expected) < Double(Tolerance.hiddenState))
  }

  /// The divergence has a quarter of its weight in the first of four epochs, and is the sum over sequences by event.
  @Test func theDivergenceGetsItsWeightByAndBy() throws {
    let run = try open(configuration(.vae), .vae, on: .reference)
    #expect(run.model.auxiliaryLosses == [AuxiliaryLoss("KL", weight: 0.5)])
    func divergence(_ epoch: Int, free: Double = 0) throws -> Float {
      var configuration = configuration(.vae)
      configuration[.freeBits] = free
      let run = try open(configuration, .vae, on: .reference)
      let result = try run.model.trainingStates(
        of: try batch(on: run.backend), at: TrainingMoment(epoch: epoch, step: 9, eventCount: 17),
        only: nil, on: Tape(run.backend, mode: .training(RandomKey(seed: 1, epoch: 0))))
      return try run.backend.read(result.losses[0])[0]
    }
    let whole = try divergence(3)
    #expect(whole > 0)
    for (epoch, share) in [(0, Float(0.25)), (1, 0.5), (30, 1)] {
      #expect(abs(try divergence(epoch) / whole - share) < 1e-5)
    }
    // Four sequences of five dimensions with less than two nats each.
    #expect(abs(try divergence(3, free: 2) - 0.5 * 4 * 5 * 2 / 17) < 1e-5)
  }

  /// In training a code is drawn, by the sequence alone; otherwise it is the mean.
  @Test(arguments: TestBackend.allCases) func codesAreDrawnInTraining(_ device: TestBackend) throws
  {
    let run = try open(configuration(.vae), .vae, on: device)
    func states(_ epoch: UInt32?) throws -> [Float] {
      let mode = epoch.map { Mode.training(RandomKey(seed: 1, epoch: $0)) } ?? .inference
      return try run.backend.read(
        try run.model.hiddenStates(
          of: try batch(on: run.backend), only: nil, on: Tape(run.backend, mode: mode)))
    }
    let (mean, first, second) = (try states(nil), try states(1), try states(2))
    #expect(first != mean && second != mean && first != second)
    #expect(try states(1) == first)
  }

  @Test func aCodeWiderThanTheStateIsRefused() {
    for (kind, key) in [
      (ModelKind.autoencoder, "recurrent_sizes"), (.vae, "recurrent_sizes"),
      (.convAutoencoder, "hidden_size"),
    ] {
      var values = ModelValues()
      values[.codeSize] = 129
      #expect(kind.fault(of: values)?.contains("code_size (129)") == true)
      #expect(kind.fault(of: values)?.contains(key) == true)
      values[.codeSize] = 64
      #expect(kind.fault(of: values) == nil)
    }
    var values = ModelValues()
    values[.encoder] = .transformer
    values[.codeSize] = 65
    #expect(ModelKind.vae.fault(of: values)?.contains("64 numbers") == true)
    values[.codeSize] = 32
    values[.hiddenSize] = 63
    #expect(ModelKind.vae.fault(of: values)?.contains("must divide") == true)
  }
}
