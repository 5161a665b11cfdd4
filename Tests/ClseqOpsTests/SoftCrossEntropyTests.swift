import ClseqOps
import ClseqRuntime
import ClseqTestSupport
import Foundation
import Testing

/// Events, both models' numbers and targets of one test.
private struct SoftCase {
  var events: Int
  var width: Int
  var teacherWidth: Int
  var classCount: Int
  var firstClass = 1
  var smoothing: Float = 0
  /// 0 for no teacher.
  var weight: Float = 0
  var temperature: Float = 1
  var scale: Float
  var x: [Float]
  var table: [Float]
  var states: [Float]
  var teacherTable: [Float]
  var targets: [Int32]

  /// - Parameters:
  ///   - amplitude: size of the inputs; with 30 scores are some hundreds.
  ///   - strays: number of first events whose target is not a class.
  init(
    _ events: Int, _ width: Int, _ teacherWidth: Int, _ classCount: Int, smoothing: Float = 0,
    weight: Float = 0, temperature: Float = 1, amplitude: Float = 1, strays: Int = 0
  ) {
    (self.events, self.width, self.teacherWidth) = (events, width, teacherWidth)
    (self.classCount, self.smoothing) = (classCount, smoothing)
    (self.weight, self.temperature) = (weight, temperature)
    let rows = classCount + 3
    var numbers = TestNumbers(seed: UInt64(events * 7919 + width * 31 + classCount))
    x = numbers.floats(events * width).map { amplitude * $0 / 2 }
    table = numbers.floats(rows * width).map { $0 / 2 }
    states = numbers.floats(events * teacherWidth).map { amplitude * $0 / 2 }
    teacherTable = numbers.floats(rows * teacherWidth).map { $0 / 2 }
    targets = (0..<events).map { Int32(1 + $0 * 37 % classCount) }
    for event in 0..<strays {
      targets[event] = [Int32(1 + classCount), -1, .max, .min, 0][event % 5]
    }
    scale = 1 / Float(events)
  }

  init(_ golden: LossGoldens.SoftLoss) {
    self.init(
      golden.events, golden.width, golden.teacherWidth, golden.classCount,
      smoothing: golden.smoothing, weight: golden.weight, temperature: golden.temperature)
    (x, table, states, teacherTable) = (golden.x, golden.table, golden.states, golden.teacherTable)
    (targets, firstClass) = (golden.targets, golden.firstClass)
  }

  struct Answer {
    let loss: Double
    let dx: [Double]
    let dTable: [Double]
  }

  func expected() -> Answer {
    let (dx, dTable) = (HostArray(count: x.count), HostArray(count: table.count))
    let loss = expectedLoss(
      HostArray(x.map(Double.init)), HostArray(table.map(Double.init)), dx: dx, dTable: dTable)
    return Answer(loss: loss, dx: dx.values, dTable: dTable.values)
  }

  func expectedLoss(
    _ x: HostArray<Double>, _ table: HostArray<Double>, dx: HostArray<Double>? = nil,
    dTable: HostArray<Double>? = nil
  ) -> Double {
    let targets = HostArray(targets)
    let states = HostArray(states.map(Double.init))
    let teacherTable = HostArray(teacherTable.map(Double.init))
    return withExtendedLifetime((x, table, targets, states, teacherTable, dx, dTable)) {
      SoftCrossEntropyReference(
        x: x.buffer, table: table.buffer, targets: targets.buffer, firstClass: firstClass,
        classCount: classCount, smoothing: Double(smoothing),
        teacher: weight == 0
          ? nil
          : .init(
            states: states.buffer, table: teacherTable.buffer, weight: Double(weight),
            temperature: Double(temperature)),
        scale: Double(scale)
      ).run(inputGradient: dx?.buffer, tableGradient: dTable?.buffer)
    }
  }

  /// The op's results; `before` is the initial value of the table's gradient.
  func run(
    on backend: Backend, mode: Mode = .training(RandomKey(seed: 0, epoch: 0)), before: Float = 0
  ) throws -> (loss: Float, dx: [Float]?, dTable: [Float]) {
    let store = ParameterStore(backend)
    let rows = table.count / width
    let own = store.declare("table", [rows, width], .values(table), isTable: true)
    let other = store.declare(
      "teacher", [rows, teacherWidth], .values(teacherTable), isTable: true)
    try store.allocate(seed: 0)
    try backend.write(.init(repeating: before, count: table.count), to: own.gradient)
    let tape = Tape(backend, mode: mode)
    let input = try backend.tensor(x, [events, width])
    let teacher = SoftTargets(
      states: try backend.tensor(states, [events, teacherWidth]), table: other.value,
      weight: weight, temperature: temperature)
    let loss = try tape.softCrossEntropy(
      input, table: own, targets: try backend.indices(targets), firstClass: firstClass,
      classCount: classCount, smoothing: smoothing, teacher: weight == 0 ? nil : teacher,
      scale: scale)
    if tape.isTraining { try tape.backward(from: loss) }
    return (
      try backend.read(loss)[0], try tape.gradient(of: input).map(backend.read),
      try backend.read(own.gradient)
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

@Suite struct SoftCrossEntropyTests {
  private static let cases = [
    SoftCase(1, 1, 1, 1, smoothing: 0.5, weight: 0.5), SoftCase(2, 31, 7, 25, smoothing: 0.1),
    SoftCase(63, 32, 65, 49, weight: 1, temperature: 2),
    SoftCase(65, 33, 16, 96, smoothing: 0.2, weight: 0.3, temperature: 4),
    SoftCase(130, 64, 128, 300, weight: 0.5, strays: 5),
    SoftCase(97, 33, 31, 200, smoothing: 0.1, weight: 0.5, temperature: 0.5, amplitude: 30),
  ]

  @Test(arguments: TestBackend.allCases)
  func lossAndGradientsAreThoseOfPyTorch(_ kind: TestBackend) throws {
    for golden in try LossGoldens.read().softLosses {
      let actual = try SoftCase(golden).run(on: try kind.make())
      #expect(abs(Double(actual.loss) - golden.loss) <= Tolerance.crossEntropy * golden.loss)
      #expect(distance(try #require(actual.dx), golden.dx) < Tolerance.crossEntropyGradient)
      #expect(distance(actual.dTable, golden.dTable) < Tolerance.crossEntropyGradient)
    }
  }

  @Test(arguments: TestBackend.allCases, cases.indices)
  func lossAndGradientsMatchTheReferenceInDouble(_ kind: TestBackend, index: Int) throws {
    try check(Self.cases[index], on: kind)
  }

  @Test(arguments: TestBackend.allCases)
  func tablesMayBeInHalfTheMemory(_ kind: TestBackend) throws {
    var example = Self.cases[3]
    for path in [\SoftCase.table, \.teacherTable] {
      example[keyPath: path] = example[keyPath: path].map {
        BFloat16Reference.widen(BFloat16Reference.round($0))
      }
    }
    let whole = try example.run(on: try kind.make())
    let half = try example.run(on: try kind.make(storage: .bf16))
    #expect(half.loss == whole.loss && half.dx == whole.dx && half.dTable == whole.dTable)
  }

  /// More events than one chunk holds.
  @Test(arguments: TestBackend.onDevice)
  func chunksAddUp(_ kind: TestBackend) throws {
    let cores = try TestBackend.context().device.computeUnits
    let example =
      kind == .gpu
      ? SoftCase(150, 1, 2, 120_000, smoothing: 0.1, weight: 0.5)
      : SoftCase(350 * cores, 1, 2, 3500, smoothing: 0.1, weight: 0.5)
    let expected = try example.run(on: try TestBackend.reference.make())
    for mode in [Mode.training(RandomKey(seed: 0, epoch: 0)), .inference] {
      let actual = try example.run(on: try kind.make(), mode: mode)
      #expect(abs(actual.loss - expected.loss) <= Float(Tolerance.crossEntropy) * expected.loss)
      guard let dx = actual.dx else { continue }
      for (actual, expected) in [(dx, expected.dx), (actual.dTable, expected.dTable)] {
        let gap = distance(actual, try #require(expected).map(Double.init))
        #expect(gap < Tolerance.crossEntropyGradient)
      }
    }
  }

  private func check(_ example: SoftCase, on kind: TestBackend) throws {
    let backend = try kind.make()
    let inUse = backend.bytesInUse
    let expected = example.expected()
    let actual = try example.run(on: backend, before: 0.5)
    #expect(
      abs(Double(actual.loss) - expected.loss) <= Tolerance.crossEntropy * max(1, expected.loss))
    #expect(distance(try #require(actual.dx), expected.dx) < Tolerance.crossEntropyGradient)
    #expect(
      distance(actual.dTable, expected.dTable.map { $0 + 0.5 }) < Tolerance.crossEntropyGradient)
    #expect(backend.bytesInUse == inUse)
    let inference = try example.run(on: backend, mode: .inference, before: 7)
    #expect(
      abs(inference.loss - actual.loss) <= Float(Tolerance.crossEntropy) * max(1, actual.loss))
    #expect(inference.dx == nil && inference.dTable.allSatisfy { $0 == 7 })
  }

  /// With neither smoothing nor a teacher it is the other loss.
  @Test(arguments: TestBackend.allCases)
  func hardTargetsGiveTheLinearCrossEntropy(_ kind: TestBackend) throws {
    let example = SoftCase(70, 33, 1, 100, strays: 2)
    let backend = try kind.make()
    let actual = try example.run(on: backend)
    let store = ParameterStore(backend)
    let table = store.declare("table", [103, 33], .values(example.table), isTable: true)
    try store.allocate(seed: 0)
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let input = try backend.tensor(example.x, [70, 33])
    let loss = try tape.linearCrossEntropy(
      input, table: table, targets: try backend.indices(example.targets), firstClass: 1,
      classCount: 100, scale: example.scale)
    try tape.backward(from: loss)
    let expected = try backend.read(loss)[0]
    #expect(abs(actual.loss - expected) <= Float(Tolerance.crossEntropy) * expected)
    let dTable = try backend.read(table.gradient).map(Double.init)
    #expect(distance(actual.dTable, dTable) < Tolerance.crossEntropyGradient)
  }

  /// A student with the teacher's scores has nothing to learn from it.
  @Test(arguments: TestBackend.allCases)
  func aTeacherOfTheSameScoresGivesNoGradient(_ kind: TestBackend) throws {
    var example = SoftCase(20, 16, 16, 60, weight: 1, temperature: 2)
    (example.states, example.teacherTable) = (example.x, example.table)
    let actual = try example.run(on: try kind.make())
    #expect(abs(actual.loss) < 1e-6)
    // Of probabilities near 1/60, times inputs near 1/2.
    #expect(try #require(actual.dx).allSatisfy { abs($0) < 1e-7 })
  }

  @Test(arguments: TestBackend.onDevice)
  func twoRunsAreBitEqual(_ kind: TestBackend) throws {
    let example = SoftCase(700, 33, 20, 3500, smoothing: 0.1, weight: 0.5, temperature: 2)
    let backend = try kind.make()
    let first = try example.run(on: backend)
    let second = try example.run(on: backend)
    #expect(first.loss == second.loss && first.dx == second.dx && first.dTable == second.dTable)
  }

  @Test(arguments: TestBackend.allCases)
  func aNotANumberReachesTheLoss(_ kind: TestBackend) throws {
    for path in [\SoftCase.x, \.states] {
      var example = SoftCase(5, 8, 8, 50, smoothing: 0.1, weight: 0.5)
      example[keyPath: path][17] = .nan
      #expect(try example.run(on: try kind.make()).loss.isNaN)
    }
  }

  @Test(arguments: [3, 0]) func gradientsOfTheReferenceMatchCentralDifferences(index: Int) {
    let example = SoftCase(
      4, 3, 2, 6, smoothing: 0.1, weight: Float(index) / 4, temperature: 2, strays: 1)
    let answer = example.expected()
    let x = HostArray(example.x.map(Double.init))
    let table = HostArray(example.table.map(Double.init))
    let dx = x.centralDifferences { example.expectedLoss(x, table) }
    let dTable = table.centralDifferences { example.expectedLoss(x, table) }
    #expect(largestError(answer.dx, dx) < Tolerance.centralDifference)
    #expect(largestError(answer.dTable, dTable) < Tolerance.centralDifference)
  }
}
