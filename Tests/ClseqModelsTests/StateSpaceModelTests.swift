import ClseqModels
import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

/// The selective recurrence; `ModelCatalogTests` has the same for the default one.
@Suite struct StateSpaceModelTests {
  private static let sequences: [[Int32]] = [
    [3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5], [8], [9, 7, 9, 3, 2],
  ]

  private func run(_ kind: TestBackend) throws -> ModelCatalogTests.Run {
    var configuration = ModelConfiguration(.ssm, itemCount: 9)
    configuration.maximumLength = 8
    configuration[.hiddenSize] = 12
    (configuration[.stateSize], configuration[.dropout]) = (10, 0.3)
    configuration[.recurrence] = .selective
    configuration.inputs.typeCount = 4
    configuration.inputs.gapCount = 5
    configuration.inputs.numberCount = 2
    return try ModelCatalogTests.Run(.ssm, configuration, on: kind)
  }

  private func gradients(_ kind: TestBackend) throws -> [(name: String, values: [Float])] {
    let run = try run(kind)
    let tape = Tape(run.backend, mode: .training(RandomKey(seed: 3, epoch: 0)))
    let states = try run.model.hiddenStates(
      of: try run.batch(Self.sequences), only: nil, on: tape)
    var numbers = TestNumbers(seed: 2)
    let gradient = try run.backend.tensor(numbers.floats(states.count), states.shape)
    let values = try run.backend.read(states)
    try tape.backward(from: states, gradient: gradient)
    return [("states", values)]
      + (try run.store.parameters.map { ($0.name, try run.backend.read($0.gradient)) })
  }

  @Test(arguments: TestBackend.onDevice)
  func statesAndGradientsAgreeWithTheReference(_ kind: TestBackend) throws {
    for (actual, expected) in zip(try gradients(kind), try gradients(.reference)) {
      #expect(expected.values.contains { $0 != 0 }, "\(expected.name)")
      #expect(
        largestError(actual.values, expected.values) < Double(Tolerance.modelGradient),
        "\(expected.name)")
    }
  }

  @Test(arguments: TestBackend.allCases)
  func neitherLaterEventsNorOtherSequencesChangeAState(_ kind: TestBackend) throws {
    let run = try run(kind)
    let width = run.model.stateWidth
    let one = try run.states([[3, 1, 4, 1, 5], [9, 2]], numbers: [8, 4])
    let two = try run.states([[7, 7], [3, 1, 4, 7, 8, 2]], numbers: [2, 8])
    #expect(one[0][..<(3 * width)] == two[1][..<(3 * width)])
    #expect(one[0][(3 * width)..<(4 * width)] != two[1][(3 * width)..<(4 * width)])
  }
}
