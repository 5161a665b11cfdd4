import ClseqOps
import ClseqTestSupport
import Testing

/// Parameters that are frozen, have a rate of their own, or do not decay.
@Suite struct ParameterGroupTests {
  private struct Model {
    let store: ParameterStore
    let table, up, bias, gain, shift: Parameter
  }

  /// A table, a linear layer and a norm, in an order that groups must change.
  private func model(
    _ backend: Backend, _ group: @escaping (Parameter) -> ParameterGroup
  ) throws -> Model {
    var numbers = TestNumbers(seed: 5)
    let store = ParameterStore(backend)
    func declare(_ name: String, _ shape: [Int]) -> Parameter {
      store.declare(name, shape, .values(numbers.floats(shape.reduce(1, *))))
    }
    let model = Model(
      store: store, table: declare("table", [30, 12]), up: declare("up.weight", [12, 12]),
      bias: declare("up.bias", [12]), gain: declare("norm.weight", [12]),
      shift: declare("norm.bias", [12]))
    store.setGroups(group)
    try store.allocate(seed: 1)
    return model
  }

  /// Two steps; values by name, moments by name.
  private func train(
    _ backend: Backend, rule: OptimizerSettings.Rule = .adamW(),
    _ group: @escaping (Parameter) -> ParameterGroup
  ) throws -> [String: [Float]] {
    let model = try model(backend, group)
    let ids = (0..<40).map { Int32($0 * 7 % 30) }
    let events = EventIndices(
      items: try backend.indices(ids), times: try backend.indices(ids),
      sequences: try backend.indices(ids),
      itemRows: try backend.rowIndex(RowIndex(ids, rowCount: 30)))
    for step in 1...2 {
      try backend.fillZero(model.store.gradients)
      let tape = Tape(backend, mode: .training(RandomKey(seed: 1, epoch: 0)))
      let x = try tape.embedding(events, table: model.table, layer: "a")
      let z = try tape.linear(x, weight: model.up, bias: model.bias, activation: .gelu)
      let y = try tape.layerNorm(z, weight: model.gain, bias: model.shift)
      let loss = try tape.linearCrossEntropy(
        y, table: model.table, targets: events.times, firstClass: 1, classCount: 29, scale: 0.025)
      try tape.backward(from: loss)
      try model.store.update(
        by: OptimizerSettings(rule, weightDecay: 0.1), learningRate: 0.01, step: step, seed: 1)
    }
    return Dictionary(
      uniqueKeysWithValues: try model.store.parameters.map { ($0.name, try backend.read($0.value)) }
    )
  }

  @Test(arguments: TestBackend.allCases)
  func frozenParametersStay(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    for frozen in [["table"], ["up.weight"], ["up.bias"], ["norm.weight"], ["table", "norm.bias"]] {
      let values = try train(backend) {
        ParameterGroup(isTrained: !frozen.contains($0.name))
      }
      let first = try train(backend) { _ in ParameterGroup(rateFactor: 0, decays: false) }
      let all = try train(backend) { _ in ParameterGroup() }
      for (name, array) in values {
        #expect((array == first[name]) == frozen.contains(name), "\(name), frozen \(frozen)")
        if frozen.contains(name) { #expect(array != all[name], "\(name)") }
      }
    }
    #expect(backend.bytesInUse == before)
  }

  /// Gradients and moments have no place for frozen parameters, which are the last values.
  @Test func frozenParametersHaveNoGradientMemory() throws {
    let backend = Backend.reference()
    let model = try model(backend) { ParameterGroup(isTrained: $0.name != "table") }
    let trained = model.store.trainedFlatCount
    #expect(trained < model.store.flatCount && model.store.flatCount - trained >= 360)
    #expect(model.store.gradients.count == trained && model.store.firstMoments.count == trained)
    #expect(model.store.offsets[0] >= trained)
    #expect(!model.table.isTrained && model.up.isTrained)
  }

  /// Groups change where values are, and not what happens to them; each rule on every backend.
  @Test(arguments: TestBackend.allCases)
  func ratesAndDecay(_ kind: TestBackend) throws {
    let backend = try kind.make()
    for rule in [OptimizerSettings.Rule.adamW(), .adam(), .sgd(momentum: 0.9, nesterov: true)] {
      let group = { (parameter: Parameter) in
        ParameterGroup(
          rateFactor: parameter.name == "up.weight" ? 0.5 : 1, decays: parameter.shape.count > 1)
      }
      let values = try train(backend, rule: rule, group)
      let expected = try train(.reference(), rule: rule, group)
      for (name, array) in expected {
        #expect(largestError(values[name] ?? [], array) < Tolerance.sums, "\(name)")
      }
      let plain = try train(backend, rule: rule) { _ in ParameterGroup() }
      for (name, array) in values {
        #expect(array != plain[name], "\(name) has another rate or decay")
      }
    }
  }

  /// One step of AdamW without gradients is the decay alone.
  @Test(arguments: TestBackend.allCases)
  func onlyWhatDecaysDecays(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let model = try model(backend) { ParameterGroup(decays: $0.shape.count > 1) }
    let before = try model.store.parameters.map { try backend.read($0.value) }
    try model.store.update(
      by: OptimizerSettings(weightDecay: 0.5), learningRate: 0.1, step: 1, seed: 1)
    for (parameter, values) in zip(model.store.parameters, before) {
      let factor: Float = parameter.shape.count > 1 ? 0.95 : 1
      #expect(try backend.read(parameter.value) == values.map { $0 * factor }, "\(parameter.name)")
    }
  }
}
