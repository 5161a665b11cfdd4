import ClseqOps
import ClseqRuntime
import ClseqTestSupport
import Foundation
import Testing

/// Largest difference, relative to the largest expected magnitude.
private func distance(_ actual: [Float], _ expected: [Double]) -> Double {
  let size = expected.reduce(1e-12) { max($0, abs($1)) }
  return zip(actual, expected).reduce(actual.count == expected.count ? 0 : .infinity) {
    let gap = abs(Double($1.0) - $1.1) / size
    return gap.isNaN ? .infinity : max($0, gap)
  }
}

@Suite struct SampledLossTests {
  private static let kinds: [SampledLossKind] = [
    .sampledSoftmax, .binary, .generalizedBinary(calibration: 0.75), .pairwise,
  ]

  /// Awkward widths and counts of negatives, in both forms.
  private static func cases(_ kind: SampledLossKind) -> [SampledLossCase] {
    [
      SampledLossCase(1, 1, 3, shared: 1, kind), SampledLossCase(2, 31, 25, shared: 24, kind),
      SampledLossCase(63, 32, 49, shared: 49, kind, corrected: true),
      SampledLossCase(65, 33, 96, shared: 48, kind, firstClass: 0),
      SampledLossCase(130, 64, 300, shared: 100, kind, corrected: true, strays: 5),
      SampledLossCase(49, 65, 73, shared: 17, kind, firstClass: 3),
      SampledLossCase(97, 33, 200, shared: 64, kind, amplitude: 30),
      SampledLossCase(1, 1, 3, own: 1, kind), SampledLossCase(2, 31, 25, own: 3, kind),
      SampledLossCase(63, 32, 49, own: 1, kind, corrected: true),
      SampledLossCase(65, 33, 96, own: 17, kind, firstClass: 0),
      SampledLossCase(130, 64, 300, own: 33, kind, corrected: true, strays: 5),
      SampledLossCase(49, 65, 73, own: 5, kind, firstClass: 3),
      SampledLossCase(97, 200, 200, own: 16, kind, amplitude: 10),
    ]
  }

  @Test(arguments: TestBackend.allCases, kinds)
  func lossAndGradientsMatchTheReferenceInDouble(
    _ kind: TestBackend, loss: SampledLossKind
  ) throws {
    for example in Self.cases(loss) { try check(example, example.expected(), on: kind) }
  }

  /// The bits are those of a table in float32 with the same numbers.
  @Test(arguments: TestBackend.allCases, kinds)
  func tablesMayBeInHalfTheMemory(_ kind: TestBackend, loss: SampledLossKind) throws {
    for var example in Self.cases(loss) {
      example.table = example.table.map { BFloat16Reference.widen(BFloat16Reference.round($0)) }
      let whole = try example.run(on: try kind.make())
      let half = try example.run(on: try kind.make(storage: .bf16))
      #expect(half.loss == whole.loss && half.dx == whole.dx && half.dTable == whole.dTable)
      try check(example, example.expected(), on: kind, storage: .bf16)
    }
  }

  @Test(arguments: TestBackend.allCases) func matchesPyTorch(_ kind: TestBackend) throws {
    for golden in try LossGoldens.read().losses {
      let answer = SampledLossCase.Answer(
        loss: golden.loss, dx: golden.dx, dTable: golden.dTable)
      try check(SampledLossCase(golden), answer, on: kind)
    }
  }

  private func check(
    _ example: SampledLossCase, _ expected: SampledLossCase.Answer, on kind: TestBackend,
    storage: Tensor.ElementType = .float32
  ) throws {
    let backend = try kind.make(storage: storage)
    let inUse = backend.bytesInUse
    let actual = try example.run(on: backend)
    let what: Comment = "\(example.kind), \(example.events) of \(example.width)"
    #expect(
      abs(Double(actual.loss) - expected.loss) <= Tolerance.crossEntropy * max(1, expected.loss),
      what)
    #expect(
      distance(try #require(actual.dx), expected.dx) < Tolerance.crossEntropyGradient, what)
    #expect(distance(actual.dTable, expected.dTable) < Tolerance.crossEntropyGradient, what)
    #expect(backend.bytesInUse == inUse)
  }

  /// More events than one chunk holds: 4 MB of scores per core on a CPU, 64 MB on a GPU.
  @Test(arguments: TestBackend.onDevice)
  func chunksAddUp(_ kind: TestBackend) throws {
    let cores = try TestBackend.context().device.computeUnits
    let example =
      kind == .gpu
      ? SampledLossCase(4200, 1, 5000, shared: 4100, .binary)
      : SampledLossCase(350 * cores, 1, 5000, shared: 3500, .binary)
    let expected = try example.run(on: try TestBackend.reference.make())
    let actual = try example.run(on: try kind.make())
    #expect(abs(actual.loss - expected.loss) <= Float(Tolerance.crossEntropy) * expected.loss)
    for (actual, expected) in [(actual.dx, expected.dx), (actual.dTable, expected.dTable)] {
      let gap = distance(try #require(actual), try #require(expected).map(Double.init))
      #expect(gap < Tolerance.crossEntropyGradient)
    }
  }

  @Test(arguments: TestBackend.allCases, kinds)
  func tableGradientIsAddedToWhatIsThere(_ kind: TestBackend, loss: SampledLossKind) throws {
    for example in [
      SampledLossCase(70, 33, 100, shared: 30, loss, firstClass: 2),
      SampledLossCase(70, 33, 100, own: 3, loss, firstClass: 2),
    ] {
      let expected = example.expected().dTable.map { $0 + 0.5 }
      let actual = try example.run(on: try kind.make(), before: 0.5).dTable
      #expect(distance(actual, expected) < Tolerance.crossEntropyGradient)
    }
  }

  @Test(arguments: TestBackend.allCases, kinds)
  func inferenceGivesTheLossAlone(_ kind: TestBackend, loss: SampledLossKind) throws {
    let backend = try kind.make()
    for example in [
      SampledLossCase(130, 33, 300, shared: 130, loss, amplitude: 5),
      SampledLossCase(130, 33, 300, own: 3, loss, amplitude: 5),
    ] {
      let training = try example.run(on: backend)
      let inference = try example.run(on: backend, mode: .inference, before: 7)
      #expect(abs(inference.loss - training.loss) <= Float(Tolerance.crossEntropy) * training.loss)
      #expect(inference.dx == nil)
      #expect(inference.dTable.allSatisfy { $0 == 7 })
    }
  }

  @Test(arguments: TestBackend.onDevice)
  func twoRunsAreBitEqual(_ kind: TestBackend) throws {
    let backend = try kind.make()
    for example in [
      SampledLossCase(700, 33, 3500, shared: 512, .sampledSoftmax, corrected: true),
      SampledLossCase(700, 33, 3500, own: 2, .binary),
    ] {
      let first = try example.run(on: backend)
      let second = try example.run(on: backend)
      #expect(first.loss == second.loss && first.dx == second.dx && first.dTable == second.dTable)
    }
  }

  /// An event's input gradient does not depend on the other events.
  @Test(arguments: TestBackend.onDevice, kinds)
  func otherEventsChangeNothing(_ kind: TestBackend, loss: SampledLossKind) throws {
    let backend = try kind.make()
    for whole in [
      SampledLossCase(130, 33, 300, shared: 100, loss), SampledLossCase(130, 33, 300, own: 4, loss),
    ] {
      var part = whole
      let kept = 51
      part.x = Array(whole.x.suffix(kept * 33))
      part.targets = whole.targets.suffix(kept)
      if whole.isPerEvent { part.rows = whole.rows.suffix(kept * 4) }
      let all = try #require(try whole.run(on: backend).dx)
      #expect(try part.run(on: backend).dx == Array(all.suffix(kept * 33)))
    }
  }

  /// Scores of ±10⁴: targets far above and far below their negatives.
  @Test(arguments: TestBackend.allCases, kinds)
  func hugeScoresAreSafe(_ kind: TestBackend, loss: SampledLossKind) throws {
    for var example in [
      SampledLossCase(6, 1, 200, shared: 150, loss), SampledLossCase(6, 1, 200, own: 50, loss),
    ] {
      example.x = [0, 1, 50, -300, 10_000, -10_000]
      example.targets = [1, 2, 3, 4, 5, 6]
      try check(example, example.expected(), on: kind)
    }
  }

  @Test(arguments: TestBackend.allCases, kinds)
  func aNotANumberReachesTheLoss(_ kind: TestBackend, loss: SampledLossKind) throws {
    for var example in [
      SampledLossCase(5, 8, 50, shared: 20, loss), SampledLossCase(5, 8, 50, own: 3, loss),
    ] {
      example.x[17] = .nan
      #expect(try example.run(on: try kind.make()).loss.isNaN)
    }
  }

  /// The only negative is the target: the softmax of one class and the empty mean are 0. On a
  /// device a negative that does not count has the weight 2⁻⁹⁰.
  @Test(arguments: TestBackend.allCases)
  func aNegativeThatIsTheTargetCountsNothing(_ kind: TestBackend) throws {
    for loss in [SampledLossKind.sampledSoftmax, .pairwise] {
      for var example in [
        SampledLossCase(1, 8, 50, shared: 1, loss), SampledLossCase(1, 8, 50, own: 1, loss),
      ] {
        example.rows = example.targets
        let result = try example.run(on: try kind.make())
        #expect(abs(result.loss) < 1e-20)
        #expect(try #require(result.dx).allSatisfy { abs($0) < 1e-20 })
      }
    }
  }

  /// All classes but the target as negatives make the sampled softmax the full one.
  @Test(arguments: TestBackend.allCases)
  func allNegativesMakeTheFullSoftmax(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let example = SampledLossCase(70, 33, 60, shared: 60, .sampledSoftmax)
    let sampled = try example.run(on: backend)
    let store = ParameterStore(backend)
    let table = store.declare("table", [63, 33], .values(example.table))
    try store.allocate(seed: 0)
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let loss = try tape.linearCrossEntropy(
      try backend.tensor(example.x, [70, 33]), table: table,
      targets: try backend.indices(example.targets), firstClass: 1, classCount: 60,
      scale: example.scale)
    #expect(abs(try backend.read(loss)[0] - sampled.loss) <= Float(Tolerance.crossEntropy) * 5)
    let full = try backend.read(table.gradient).map(Double.init)
    #expect(distance(sampled.dTable, full) < Tolerance.crossEntropyGradient)
  }

  @Test(arguments: kinds)
  func gradientsOfTheReferenceMatchCentralDifferences(_ loss: SampledLossKind) {
    for example in [
      SampledLossCase(4, 3, 6, shared: 4, loss, corrected: true, strays: 1),
      SampledLossCase(4, 3, 6, own: 3, loss, corrected: true, strays: 1),
    ] {
      let answer = example.expected()
      let x = HostArray(example.x.map(Double.init))
      let table = HostArray(example.table.map(Double.init))
      let dx = x.centralDifferences { example.expectedLoss(x, table) }
      let dTable = table.centralDifferences { example.expectedLoss(x, table) }
      #expect(largestError(answer.dx, dx) < Tolerance.centralDifference)
      #expect(largestError(answer.dTable, dTable) < Tolerance.centralDifference)
    }
  }
}
