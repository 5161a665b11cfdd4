import ClseqOps
import ClseqRuntime
import ClseqTestSupport
import Foundation
import Testing

/// Events, a table and targets of one test, and the results of the reference in Double.
private struct ClassificationCase {
  let events: Int
  let width: Int
  let classCount: Int
  let firstClass: Int
  var x: [Float]
  var table: [Float]
  var targets: [Int32]
  let scale: Float

  var rows: Int { firstClass + classCount + 2 }

  /// - Parameters:
  ///   - amplitude: size of the inputs; with 30 scores are some hundreds.
  ///   - strays: number of first events whose target is not a class.
  init(
    _ events: Int, _ width: Int, _ classCount: Int, firstClass: Int = 1, amplitude: Float = 1,
    strays: Int = 0
  ) {
    self.events = events
    self.width = width
    self.classCount = classCount
    self.firstClass = firstClass
    var numbers = TestNumbers(seed: UInt64(events * 7919 + width * 31 + classCount))
    x = numbers.floats(events * width).map { amplitude * $0 / 2 }
    table = numbers.floats((firstClass + classCount + 2) * width).map { $0 / 2 }
    targets = (0..<events).map { Int32(firstClass + $0 * 37 % classCount) }
    for event in 0..<strays {
      targets[event] =
        [Int32(firstClass + classCount), -1, .max, .min, Int32(firstClass - 1)][
          event % 5]
    }
    scale = 1 / Float(events)
  }

  struct Answer {
    let loss: Double
    let dx: [Double]
    let dTable: [Double]
  }

  func expected() -> Answer {
    let dx = HostArray(count: x.count)
    let dTable = HostArray(count: table.count)
    let loss = expectedLoss(
      HostArray(x.map(Double.init)), HostArray(table.map(Double.init)), dx: dx, dTable: dTable)
    return Answer(loss: loss, dx: dx.values, dTable: dTable.values)
  }

  func expectedLoss(
    _ x: HostArray<Double>, _ table: HostArray<Double>, dx: HostArray<Double>? = nil,
    dTable: HostArray<Double>? = nil, eventLosses: HostArray<Double>? = nil
  ) -> Double {
    let targets = HostArray(targets)
    return withExtendedLifetime((x, table, targets, dx, dTable, eventLosses)) {
      LinearCrossEntropyReference.run(
        x: x.buffer, table: table.buffer, targets: targets.buffer, firstClass: firstClass,
        classCount: classCount, scale: Double(scale), inputGradient: dx?.buffer,
        tableGradient: dTable?.buffer, eventLosses: eventLosses?.buffer)
    }
  }

  /// The op's results; `before` is the initial value of the table's gradient.
  func run(
    on backend: Backend, mode: Mode = .training(RandomKey(seed: 0, epoch: 0)), before: Float = 0
  ) throws -> (loss: Float, dx: [Float]?, dTable: [Float]) {
    let store = ParameterStore(backend)
    let parameter = store.declare("table", [rows, width], .values(table), isTable: true)
    try store.allocate(seed: 0)
    try backend.write(.init(repeating: before, count: table.count), to: parameter.gradient)
    let tape = Tape(backend, mode: mode)
    let input = try backend.tensor(x, [events, width])
    let loss = try tape.linearCrossEntropy(
      input, table: parameter, targets: try backend.indices(targets), firstClass: firstClass,
      classCount: classCount, scale: scale)
    if tape.isTraining { try tape.backward(from: loss) }
    return (
      try backend.read(loss)[0], try tape.gradient(of: input).map(backend.read),
      try backend.read(parameter.gradient)
    )
  }
}

/// Largest difference, relative to the largest expected magnitude.
private func distance(_ actual: [Float], _ expected: [Double]) -> Double {
  let size = expected.reduce(1e-12) { max($0, abs($1)) }
  return zip(actual, expected).reduce(0) { worst, pair in
    let gap = abs(Double(pair.0) - pair.1) / size
    return gap.isNaN ? .infinity : max(worst, gap)
  }
}

@Suite struct LinearCrossEntropyTests {
  private static let cases = [
    ClassificationCase(1, 1, 1), ClassificationCase(2, 31, 25), ClassificationCase(63, 32, 49),
    ClassificationCase(65, 33, 96, firstClass: 0), ClassificationCase(130, 64, 300, strays: 5),
    ClassificationCase(49, 65, 73, firstClass: 3), ClassificationCase(50, 200, 64),
    ClassificationCase(97, 33, 200, amplitude: 30), ClassificationCase(20, 512, 30),
  ]

  @Test(arguments: TestBackend.allCases, cases.indices)
  func lossAndGradientsMatchTheReferenceInDouble(_ kind: TestBackend, index: Int) throws {
    try check(Self.cases[index], on: kind)
  }

  /// An event whose target is not a class has none.
  @Test(arguments: TestBackend.allCases, cases.indices)
  func everyEventHasItsLoss(_ kind: TestBackend, index: Int) throws {
    let example = Self.cases[index]
    let losses = HostArray<Double>(count: example.events)
    _ = example.expectedLoss(
      HostArray(example.x.map(Double.init)), HostArray(example.table.map(Double.init)),
      eventLosses: losses)
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let table = store.declare(
      "table", [example.rows, example.width], .values(example.table), isTable: true)
    try store.allocate(seed: 0)
    let found = try backend.read(
      try Tape(backend, mode: .inference).eventCrossEntropy(
        try backend.tensor(example.x, [example.events, example.width]), table: table,
        targets: try backend.indices(example.targets), firstClass: example.firstClass,
        classCount: example.classCount))
    #expect(found.count == example.events)
    for (actual, expected) in zip(found, losses.values) {
      #expect(abs(Double(actual) - expected) <= Tolerance.crossEntropy * max(1, expected))
    }
  }

  /// The bits are those of a table in float32 with the same numbers.
  @Test(arguments: TestBackend.allCases, cases.indices)
  func tablesMayBeInHalfTheMemory(_ kind: TestBackend, index: Int) throws {
    var example = Self.cases[index]
    example.table = example.table.map { BFloat16Reference.widen(BFloat16Reference.round($0)) }
    let whole = try example.run(on: try kind.make())
    let half = try example.run(on: try kind.make(storage: .bf16))
    #expect(half.loss == whole.loss && half.dx == whole.dx && half.dTable == whole.dTable)
    try check(example, on: kind, storage: .bf16)
  }

  /// More events than one chunk holds: 4 MB of scores per core on a CPU, 64 MB on a GPU.
  /// Compared with the reference in Float, because the compiler specialises that one.
  @Test(arguments: TestBackend.onDevice)
  func chunksAddUp(_ kind: TestBackend) throws {
    let cores = try TestBackend.context().device.computeUnits
    let example =
      kind == .gpu ? ClassificationCase(150, 1, 120_000) : ClassificationCase(350 * cores, 1, 3500)
    let expected = try example.run(on: try TestBackend.reference.make())
    let actual = try example.run(on: try kind.make())
    #expect(abs(actual.loss - expected.loss) <= Float(Tolerance.crossEntropy) * expected.loss)
    let pairs = [(actual.dx, expected.dx), (actual.dTable, expected.dTable)]
    for (actual, expected) in pairs {
      let gap = distance(try #require(actual), try #require(expected).map(Double.init))
      #expect(gap < Tolerance.crossEntropyGradient)
    }
  }

  private func check(
    _ example: ClassificationCase, on kind: TestBackend, storage: Tensor.ElementType = .float32
  ) throws {
    let backend = try kind.make(storage: storage)
    let inUse = backend.bytesInUse
    let expected = example.expected()
    let actual = try example.run(on: backend)
    #expect(
      abs(Double(actual.loss) - expected.loss) <= Tolerance.crossEntropy * max(1, expected.loss))
    #expect(distance(try #require(actual.dx), expected.dx) < Tolerance.crossEntropyGradient)
    #expect(distance(actual.dTable, expected.dTable) < Tolerance.crossEntropyGradient)
    #expect(backend.bytesInUse == inUse)
  }

  @Test(arguments: TestBackend.allCases)
  func tableGradientIsAddedToWhatIsThere(_ kind: TestBackend) throws {
    let example = ClassificationCase(70, 33, 100, firstClass: 2)
    let expected = example.expected().dTable.map { $0 + 0.5 }
    let actual = try example.run(on: try kind.make(), before: 0.5).dTable
    #expect(distance(actual, expected) < Tolerance.crossEntropyGradient)
    let classes = example.firstClass * example.width..<(example.firstClass + 100) * example.width
    #expect(actual.indices.allSatisfy { classes.contains($0) || actual[$0] == 0.5 })
  }

  @Test(arguments: TestBackend.allCases)
  func inferenceGivesTheLossAlone(_ kind: TestBackend) throws {
    let example = ClassificationCase(130, 33, 300, amplitude: 5)
    let backend = try kind.make()
    let training = try example.run(on: backend)
    let inference = try example.run(on: backend, mode: .inference, before: 7)
    #expect(abs(inference.loss - training.loss) <= Float(Tolerance.crossEntropy) * training.loss)
    #expect(inference.dx == nil)
    #expect(inference.dTable.allSatisfy { $0 == 7 })
  }

  @Test(arguments: TestBackend.onDevice)
  func twoRunsAreBitEqual(_ kind: TestBackend) throws {
    let example = ClassificationCase(700, 33, 3500)
    let backend = try kind.make()
    let first = try example.run(on: backend)
    let second = try example.run(on: backend)
    #expect(first.loss == second.loss && first.dx == second.dx && first.dTable == second.dTable)
  }

  /// The shift of a row starts at its target's score and must be raised by thousands, in steps.
  @Test(arguments: TestBackend.allCases)
  func scoresFarAboveTheTargetDoNotOverflow(_ kind: TestBackend) throws {
    var example = ClassificationCase(5, 1, 600)
    example.x = [0, 1, 50, -300, 4000]
    example.targets = [1, 2, 3, 4, 5]
    try check(example, on: kind)
  }

  @Test(arguments: TestBackend.allCases)
  func aNotANumberReachesTheLoss(_ kind: TestBackend) throws {
    var example = ClassificationCase(5, 8, 50)
    example.x[17] = .nan
    #expect(try example.run(on: try kind.make()).loss.isNaN)
  }

  @Test(arguments: TestBackend.allCases)
  func equalScoresCostTheLogarithmOfTheClassCount(_ kind: TestBackend) throws {
    var example = ClassificationCase(9, 4, 1000)
    example.x = .init(repeating: 0, count: example.x.count)
    let loss = Double(try example.run(on: try kind.make()).loss)
    #expect(abs(loss - log(1000)) < Tolerance.crossEntropy * log(1000))
  }

  @Test func gradientsOfTheReferenceMatchCentralDifferences() {
    let example = ClassificationCase(4, 3, 6, strays: 1)
    let answer = example.expected()
    let x = HostArray(example.x.map(Double.init))
    let table = HostArray(example.table.map(Double.init))
    let dx = x.centralDifferences { example.expectedLoss(x, table) }
    let dTable = table.centralDifferences { example.expectedLoss(x, table) }
    #expect(largestError(answer.dx, dx) < Tolerance.centralDifference)
    #expect(largestError(answer.dTable, dTable) < Tolerance.centralDifference)
  }
}
