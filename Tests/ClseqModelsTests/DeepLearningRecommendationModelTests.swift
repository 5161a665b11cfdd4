import ClseqModels
import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct DeepLearningRecommendationModelTests {
  /// That of `Tests/Fixtures/dlrm_goldens.py`.
  private func configuration() -> ModelConfiguration {
    var configuration = ModelConfiguration(.dlrm, itemCount: 9)
    configuration[.hiddenSize] = 12
    configuration[.feedForwardSize] = 20
    configuration[.denseSize] = 18
    configuration[.window] = 3
    configuration[.dropout] = 0
    configuration.ranksItems = false
    configuration.inputs.typeCount = 4
    configuration.inputs.gapCount = 5
    configuration.inputs.numberCount = 2
    configuration.inputs.items = .init((0..<30).map { Float($0 % 7) / 7 }, width: 3)
    configuration.inputs.users = .init((0..<10).map { Float($0 % 3) / 3 }, width: 1)
    return configuration
  }

  @Test(arguments: TestBackend.allCases)
  func statesAndGradientsAreThoseOfPyTorch(_ kind: TestBackend) throws {
    try expectGolden(
      "dlrm.safetensors", .dlrm, configuration(),
      [[3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5], [8], [9, 7, 9, 3, 2]], on: kind)
  }

  /// A window sees as many events as it is long, and the event itself beside them.
  @Test func statesReachAsFarAsTheModelSays() throws {
    let backend = try TestBackend.reference.make()
    let store = ParameterStore(backend)
    let model = try ModelKind.dlrm.model(configuration(), in: store)
    try store.allocate(seed: 1)
    func last(_ sequence: [Int32]) throws -> ArraySlice<Float> {
      let batch = try TestBatch([sequence])
        .make(on: backend, typeCount: 4, gapCount: 5, numberCount: 2)
      let tape = Tape(backend, mode: .inference)
      return try backend.read(try model.hiddenStates(of: batch, only: nil, on: tape))
        .suffix(model.stateWidth)
    }
    #expect(model.reach == 4)
    #expect(try last([1, 2, 3, 4, 5]) == last([6, 2, 3, 4, 5]))
    #expect(try last([1, 2, 3, 4, 5]) != last([1, 6, 3, 4, 5]))
  }
}
