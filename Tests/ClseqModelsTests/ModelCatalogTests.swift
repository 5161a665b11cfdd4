import ClseqModels
import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

/// Properties of every model of the catalogue.
@Suite struct ModelCatalogTests {
  private static let sequences: [[Int32]] = [
    [3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5], [8], [9, 7, 9, 3, 2],
  ]

  private func configuration(_ name: ModelKind, hasInputs: Bool = true) -> ModelConfiguration {
    var configuration = ModelConfiguration(name, itemCount: 9)
    configuration.maximumLength = 8
    configuration[.hiddenSize] = 12
    configuration[.feedForwardSize] = 20
    (configuration[.layers], configuration[.heads]) = (2, 2)
    configuration[.positions] = .learned
    configuration[.recurrentSizes] = [14, 10]
    configuration[.window] = 3
    (configuration[.denseSize], configuration[.codeSize]) = (18, 6)
    configuration[.dropout] = 0.3
    configuration.ranksItems = !name.needsCandidate
    guard hasInputs else { return configuration }
    configuration.inputs.typeCount = 4
    configuration.inputs.gapCount = 5
    configuration.inputs.numberCount = 2
    let rows = name.answersEachEvent ? 10 : 11
    configuration.inputs.items = .init((0..<rows * 3).map { Float($0 % 7) / 7 }, width: 3)
    configuration.inputs.users = .init((0..<10).map { Float($0 % 3) / 3 }, width: 1)
    return configuration
  }

  @Test(arguments: TestBackend.allCases, ModelCatalog.all.filter(\.answersEachEvent))
  func aLaterEventNeverChangesAnEarlierState(_ kind: TestBackend, _ name: ModelKind) throws {
    let run = try Run(name, configuration(name), on: kind)
    let width = run.model.stateWidth
    let one = try run.states([[3, 1, 4, 1, 5], [9, 2]])
    let two = try run.states([[3, 1, 4, 7, 8], [9, 6]])
    #expect(one[0][..<(3 * width)] == two[0][..<(3 * width)])
    #expect(one[0][(3 * width)...] != two[0][(3 * width)...])
    #expect(one[1][..<width] == two[1][..<width])
  }

  @Test(arguments: TestBackend.allCases, ModelCatalog.all)
  func theOtherSequencesOfABatchChangeNothing(_ kind: TestBackend, _ name: ModelKind) throws {
    let run = try Run(name, configuration(name), on: kind)
    let random = Mode.training(RandomKey(seed: 1, epoch: 2))
    let alone = try run.states([[3, 1, 4]], numbers: [8], mode: random)
    let together = try run.states(
      [[9, 2, 6, 5, 3, 5, 8], [3, 1, 4], [7]], numbers: [4, 8, 0], mode: random)
    #expect(alone[0] == together[1])
  }

  @Test(arguments: TestBackend.allCases, ModelCatalog.all.filter { !$0.writes })
  func statesOfSomeEventsAreThoseOfAll(_ kind: TestBackend, _ name: ModelKind) throws {
    let run = try Run(name, configuration(name), on: kind)
    let batch = try run.batch(Self.sequences)
    let tape = Tape(run.backend, mode: .inference)
    let width = run.model.stateWidth
    let all = try run.backend.read(
      try run.model.hiddenStates(of: batch, only: nil, on: tape))
    let rows: [Int32] = [7, 10, 11]
    let some = try run.backend.read(
      try run.model.hiddenStates(of: batch, only: EventRows(run.backend.indices(rows)), on: tape))
    let expected = rows.flatMap { all[Int($0) * width..<(Int($0) + 1) * width] }
    #expect(largestError(some, expected) < Double(Tolerance.hiddenState))
  }

  /// States in training and the gradients of all parameters.
  private func gradients(
    _ name: ModelKind, hasInputs: Bool, on kind: TestBackend,
    storage: Tensor.ElementType = .float32, roundsTables: Bool = false,
    _ change: (inout ModelConfiguration) -> Void = { _ in }
  ) throws -> [(name: String, values: [Float])] {
    var configuration = configuration(name, hasInputs: hasInputs)
    change(&configuration)
    let run = try Run(name, configuration, on: kind, storage: storage)
    try run.fillAdapters()
    if roundsTables { try run.roundTables() }
    let before = run.backend.bytesInUse
    var results: [(name: String, values: [Float])] = []
    do {
      let tape = Tape(run.backend, mode: .training(RandomKey(seed: 3, epoch: 0)))
      let states = try run.model.hiddenStates(
        of: try run.batch(Self.sequences), only: nil, on: tape)
      results.append(("states", try run.backend.read(states)))
      var numbers = TestNumbers(seed: 2)
      try tape.backward(
        from: states,
        gradient: try run.backend.tensor(numbers.floats(states.count), states.shape))
      for parameter in run.store.parameters {
        results.append((parameter.name, try run.backend.read(parameter.gradient)))
      }
    }
    #expect(run.backend.bytesInUse == before)
    return results
  }

  @Test(arguments: TestBackend.onDevice, ModelCatalog.all)
  func statesAndGradientsAgreeWithTheReference(_ kind: TestBackend, _ name: ModelKind) throws {
    for hasInputs in [true, false] {
      let device = try gradients(name, hasInputs: hasInputs, on: kind)
      let reference = try gradients(name, hasInputs: hasInputs, on: .reference)
      for (actual, expected) in zip(device, reference) {
        #expect(
          largestError(actual.values, expected.values) < Double(Tolerance.modelGradient),
          "\(expected.name)")
      }
    }
  }

  /// Two heads of 5 or of 9 channels in a model of 12.
  @Test(arguments: TestBackend.onDevice, ModelCatalog.all.filter { $0.layers == .blocks })
  func headsOfOtherWidthsAgreeWithTheReference(_ kind: TestBackend, _ name: ModelKind) throws {
    for width in [5, 9] {
      let change: (inout ModelConfiguration) -> Void = { $0[.headWidth] = width }
      let device = try gradients(name, hasInputs: false, on: kind, change)
      let reference = try gradients(name, hasInputs: false, on: .reference, change)
      for (actual, expected) in zip(device, reference) {
        #expect(
          largestError(actual.values, expected.values) < Double(Tolerance.modelGradient),
          "\(expected.name)")
      }
    }
  }

  @Test(arguments: TestBackend.onDevice, ModelCatalog.all.filter { $0.layers == .blocks })
  func adaptersAgreeWithTheReference(_ kind: TestBackend, _ name: ModelKind) throws {
    let adapt: (inout ModelConfiguration) -> Void = {
      $0.adaptation = LowRankAdaptation(rank: 3, alpha: 5)
    }
    let device = try gradients(name, hasInputs: false, on: kind, adapt)
    let reference = try gradients(name, hasInputs: false, on: .reference, adapt)
    let plain = try gradients(name, hasInputs: false, on: .reference)
    // Query, key, value, out, up and down of two blocks; of a decoder those of its second attention too.
    let mapCount = name.writes ? 2 * 6 + 2 * 10 : 2 * 6
    #expect(device.count == plain.count + 2 * mapCount && device[0].values != plain[0].values)
    for (actual, expected) in zip(device, reference) {
      #expect(
        largestError(actual.values, expected.values) < Double(Tolerance.modelGradient),
        "\(expected.name)")
      #expect(
        expected.name == "output.weight" || expected.values.contains { $0 != 0 },
        "\(expected.name)")
    }
  }

  /// Adapters begin without an effect: not a bit differs, in inference and in training.
  @Test(arguments: TestBackend.allCases, ModelCatalog.all.filter { $0.layers == .blocks })
  func adaptersBeginWithoutEffect(_ kind: TestBackend, _ name: ModelKind) throws {
    var adapted = configuration(name)
    adapted.adaptation = LowRankAdaptation(rank: 4, alpha: 9)
    for mode in [Mode.inference, .training(RandomKey(seed: 1, epoch: 2))] {
      let plain = try Run(name, configuration(name), on: kind).states(Self.sequences, mode: mode)
      #expect(try Run(name, adapted, on: kind).states(Self.sequences, mode: mode) == plain)
    }
  }

  /// Where some events alone have a target: the states and gradients of all events, with no gradient for the
  /// others, and with the same dropout.
  @Test(arguments: TestBackend.allCases, ModelCatalog.all.filter { !$0.writes })
  func someEventsMayHaveATarget(_ kind: TestBackend, _ name: ModelKind) throws {
    let chosen = [1, 7, 10, 11, 14]
    let times = Self.sequences.flatMap { $0.indices.map(Int32.init) }
    let owners = Self.sequences.enumerated().flatMap { number, sequence in
      sequence.map { _ in Int32(number) }
    }
    func gradients(ofSome: Bool) throws -> [(name: String, values: [Float])] {
      let run = try Run(name, configuration(name), on: kind)
      let batch = try run.batch(Self.sequences)
      func indices(_ values: [Int32]) throws -> Indices {
        try run.backend.indices(chosen.map { values[$0] })
      }
      let selected = chosen.map(Int32.init)
      let rows = EventRows(
        try run.backend.indices(selected),
        index: try run.backend.rowIndex(RowIndex(selected, rowCount: batch.eventCount)),
        events: EventIndices(
          items: try indices(times), times: try indices(times), sequences: try indices(owners)))
      let tape = Tape(run.backend, mode: .training(RandomKey(seed: 3, epoch: 0)))
      let states = try run.model.hiddenStates(of: batch, only: ofSome ? rows : nil, on: tape)
      let width = run.model.stateWidth
      func pick(_ values: [Float]) -> [Float] {
        chosen.flatMap { values[$0 * width..<($0 + 1) * width] }
      }
      var numbers = TestNumbers(seed: 2)
      var gradient = numbers.floats(batch.eventCount * width)
      for event in 0..<batch.eventCount where !chosen.contains(event) {
        gradient.replaceSubrange(
          event * width..<(event + 1) * width, with: repeatElement(0, count: width))
      }
      let values = try run.backend.read(states)
      try tape.backward(
        from: states,
        gradient: try run.backend.tensor(ofSome ? pick(gradient) : gradient, states.shape))
      return [("states", ofSome ? values : pick(values))]
        + (try run.store.parameters.map { ($0.name, try run.backend.read($0.gradient)) })
    }
    for (part, whole) in zip(try gradients(ofSome: true), try gradients(ofSome: false)) {
      #expect(
        largestError(part.values, whole.values) < Double(Tolerance.modelGradient), "\(whole.name)")
    }
  }

  /// The forward pass has the same bits as from rounded tables. Gradients are those of the reference with the same rounding, and
  /// differ from those without it by the rounding alone.
  @Test(arguments: TestBackend.allCases, ModelCatalog.all)
  func activationsMayWaitInHalfTheMemory(_ kind: TestBackend, _ name: ModelKind) throws {
    let whole = try gradients(name, hasInputs: true, on: kind, roundsTables: true)
    let half = try gradients(name, hasInputs: true, on: kind, storage: .bf16)
    let reference = try gradients(name, hasInputs: true, on: .reference, storage: .bf16)
    #expect(whole[0].values == half[0].values)
    #expect(zip(whole, half).contains { $0.values != $1.values })
    for index in whole.indices {
      let (name, actual) = half[index]
      #expect(
        largestError(actual, whole[index].values) < Tolerance.halfStorageGradient, "\(name)")
      #expect(
        largestError(actual, reference[index].values) < Tolerance.halfStorageGradient, "\(name)")
    }
  }

  @Test(arguments: ModelCatalog.all)
  func everyParameterIsTrained(_ name: ModelKind) throws {
    for entry in try gradients(name, hasInputs: true, on: .reference)
    where entry.name != "output.weight" {
      #expect(entry.values.contains { $0 != 0 }, "\(entry.name)")
    }
  }

  @Test(arguments: ModelCatalog.all)
  func itemsAreRankedByVectorsAsWideAsTheStates(_ name: ModelKind) throws {
    let run = try Run(name, configuration(name, hasInputs: false), on: .reference)
    let rows = name.answersEachEvent ? 10 : 11
    #expect(run.model.itemTable.shape[0] == rows)
    #expect(run.model.maskItem == (name.answersEachEvent ? nil : 10))
    guard name != .din else {
      #expect(run.model.outputTable == nil)
      return
    }
    #expect(run.model.outputTable?.shape == [rows, run.model.stateWidth])
  }

  @Test(arguments: AttentionScore.allCases)
  func attentionWeightsMakeTheAttendedState(
    _ score: AttentionScore
  ) throws {
    var configuration = configuration(.lstmAttention)
    configuration[.attentionScore] = score
    let run = try Run(.lstmAttention, configuration, on: .reference)
    let model = try #require(run.model as? any AttendingModel)
    let tape = Tape(run.backend, mode: .inference)
    let weights = try run.backend.read(
      try model.attentionWeights(of: try run.batch(Self.sequences), on: tape)[0])
    var start = 0
    for sequence in Self.sequences {
      let sum = weights[start..<start + sequence.count].reduce(0, +)
      #expect(abs(sum - 1) < Tolerance.hiddenState)
      start += sequence.count
    }
  }
}
