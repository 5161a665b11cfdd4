import ClseqOps
import ClseqTestSupport
import Testing

/// A kind of loss, with targets for it made of random numbers.
private enum LossName: String, CaseIterable, Sendable {
  case softmax, binary, squared, absolute, huber, hazard

  func kind(rows: Int, width: Int, on backend: Backend, seed: UInt64) throws -> RowLoss {
    var numbers = TestNumbers(seed: seed)
    func targets() throws -> Tensor {
      try backend.tensor(numbers.floats(rows * width), [rows, width])
    }
    switch self {
    case .softmax:
      // Some targets are not columns.
      let classes = (0..<rows).map { Int32($0 * 7 % (width + 2)) - 1 }
      return .softmax(
        targets: try backend.indices(classes),
        classWeights: try backend.tensor(numbers.floats(width), [width]))
    case .binary:
      let shares = numbers.floats(rows * width).map { $0 / 4 + 0.5 }
      return .binary(targets: try backend.tensor(shares, [rows, width]))
    case .squared: return .squared(targets: try targets())
    case .absolute: return .absolute(targets: try targets())
    case .huber: return .huber(targets: try targets(), delta: 0.8)
    case .hazard:
      let bins = (0..<rows).map { Int32($0 * 5 % (width + 3)) - 1 }
      return .hazard(
        bins: try backend.indices(bins),
        observed: try backend.indices(numbers.indices(rows, below: 2)))
    }
  }

  func golden(_ golden: GoldenArrays, on backend: Backend) throws -> RowLoss {
    func tensor(_ name: String) throws -> Tensor {
      try backend.tensor(golden["rowLoss.\(name)"], golden.shape("rowLoss.\(name)"))
    }
    func indices(_ name: String) throws -> Indices {
      try backend.indices(golden.integers("rowLoss.\(name)"))
    }
    return switch self {
    case .softmax:
      .softmax(targets: try indices("classes"), classWeights: try tensor("classWeights"))
    case .binary: .binary(targets: try tensor("shares"))
    case .squared: .squared(targets: try tensor("targets"))
    case .absolute: .absolute(targets: try tensor("targets"))
    case .huber: .huber(targets: try tensor("targets"), delta: 0.7)
    case .hazard: .hazard(bins: try indices("bins"), observed: try indices("observed"))
    }
  }
}

@Suite struct RowLossTests {
  /// Loss and gradient; the outputs are also used by another op, so that a gradient is added.
  private func run(
    _ kind: TestBackend, _ name: LossName, rows: Int, width: Int, weighted: Bool = true,
    amplitude: Float = 2
  ) throws -> (loss: [Float], gradient: [Float]) {
    let backend = try kind.make()
    let before = backend.bytesInUse
    var result: (loss: [Float], gradient: [Float]) = ([], [])
    do {
      var numbers = TestNumbers(seed: UInt64(rows * 100 + width))
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let z = numbers.floats(rows * width).map { amplitude * $0 / 2 }
      let outputs = try backend.tensor(z, [rows, width])
      let weights = try backend.tensor(numbers.floats(rows), [rows])
      let loss = try tape.rowLoss(
        outputs, kind: try name.kind(rows: rows, width: width, on: backend, seed: 5),
        weights: weighted ? weights : nil, scale: 1 / Float(rows))
      let both = try tape.add(loss, loss)
      try tape.backward(from: both)
      result = (
        try backend.read(loss), try backend.read(try #require(tape.gradient(of: outputs)))
      )
    }
    #expect(backend.bytesInUse == before)
    return result
  }

  private func compare(
    _ kind: TestBackend, _ name: LossName, rows: Int, width: Int, weighted: Bool = true,
    amplitude: Float = 2
  ) throws {
    let actual = try run(
      kind, name, rows: rows, width: width, weighted: weighted, amplitude: amplitude)
    let expected = try run(
      .reference, name, rows: rows, width: width, weighted: weighted, amplitude: amplitude)
    #expect(largestError(actual.loss, expected.loss) < Tolerance.sums)
    let scale = Float(rows)
    #expect(
      largestError(actual.gradient.map { scale * $0 }, expected.gradient.map { scale * $0 })
        < Tolerance.singleValues)
  }

  @Test(
    arguments: TestBackend.onDevice,
    [(1, 1), (200, 1), (63, 2), (64, 31), (65, 32), (2, 33), (130, 64), (300, 65), (9, 1000)])
  func deviceMatchesReference(_ kind: TestBackend, shape: (rows: Int, width: Int)) throws {
    for name in LossName.allCases {
      try compare(kind, name, rows: shape.rows, width: shape.width)
      try compare(kind, name, rows: shape.rows, width: shape.width, weighted: false)
    }
  }

  @Test(arguments: TestBackend.onDevice)
  func farLogitsStayFinite(_ kind: TestBackend) throws {
    for name in LossName.allCases {
      try compare(kind, name, rows: 40, width: 5, amplitude: 1e4)
    }
  }

  @Test(arguments: TestBackend.allCases)
  func goldens(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let golden = try GoldenArrays("supervised.safetensors")
    for name in LossName.allCases {
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let place = "\(name.rawValue).outputs"
      let outputs = try backend.tensor(golden[place], golden.shape(place))
      let loss = try tape.rowLoss(
        outputs, kind: try name.golden(golden, on: backend),
        weights: try backend.tensor(golden["rowLoss.weights"], [7]), scale: 0.25)
      try tape.backward(from: loss)
      let gradient = try backend.read(try #require(tape.gradient(of: outputs)))
      let expected = golden["\(name.rawValue).loss"]
      #expect(largestError(try backend.read(loss), expected) < Tolerance.singleValues, "\(name)")
      #expect(largestError(gradient, golden["\(place).gradient"]) < Tolerance.singleValues)
    }
  }

  @Test(arguments: TestBackend.allCases)
  func inferenceGivesTheLossAlone(_ kind: TestBackend) throws {
    let backend = try kind.make()
    for name in LossName.allCases {
      let loss = try run(kind, name, rows: 70, width: 3, weighted: false).loss
      let tape = Tape(backend, mode: .inference)
      var numbers = TestNumbers(seed: 7003)
      let outputs = try backend.tensor(numbers.floats(210), [70, 3])
      let alone = try tape.rowLoss(
        outputs, kind: try name.kind(rows: 70, width: 3, on: backend, seed: 5), scale: 1 / 70)
      #expect(try backend.read(alone) == loss)
    }
  }

  @Test(arguments: TestBackend.allCases)
  func noRowsCostNothing(_ kind: TestBackend) throws {
    let backend = try kind.make()
    for name in LossName.allCases {
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let loss = try tape.rowLoss(
        try backend.tensor([], [0, 3]),
        kind: try name.kind(rows: 0, width: 3, on: backend, seed: 5), scale: 1)
      try tape.backward(from: loss)
      #expect(try backend.read(loss) == [0])
    }
  }

  @Test(arguments: TestBackend.onDevice)
  func aNotANumberReachesTheLoss(_ kind: TestBackend) throws {
    let backend = try kind.make()
    for name in LossName.allCases {
      let tape = Tape(backend, mode: .inference)
      let outputs = try backend.tensor([0, .nan, 1, 2, 3, 4], [2, 3])
      // The first row's target is column 1, or its bins reach beyond it.
      let kind: RowLoss =
        switch name {
        case .softmax: .softmax(targets: try backend.indices([1, 0]))
        case .hazard:
          .hazard(bins: try backend.indices([2, 0]), observed: try backend.indices([0, 1]))
        default: try name.kind(rows: 2, width: 3, on: backend, seed: 5)
        }
      #expect(try backend.read(try tape.rowLoss(outputs, kind: kind, scale: 1))[0].isNaN)
    }
  }

  /// Every kind over one small case in Double, with weights, and with targets that do not count.
  @Test(arguments: LossName.allCases.map(\.rawValue))
  func referenceGradientIsCentralDifference(_ name: String) throws {
    let (rows, width) = (4, 3)
    var numbers = TestNumbers(seed: 8)
    let z = HostArray(numbers.doubles(rows * width))
    let (weights, targets) = (HostArray(numbers.doubles(rows)), HostArray(numbers.doubles(12)))
    let classWeights = HostArray(numbers.doubles(width))
    let (places, observed) = (HostArray<Int32>([0, 2, 3, -1]), HostArray<Int32>([1, 0, 1, 1]))
    let kind: RowLossReference.Kind<Double> =
      switch try #require(LossName(rawValue: name)) {
      case .softmax: .softmax(targets: places.buffer, classWeights: classWeights.buffer)
      case .binary: .binary(targets: targets.buffer)
      case .squared: .squared(targets: targets.buffer)
      case .absolute: .absolute(targets: targets.buffer)
      case .huber: .huber(targets: targets.buffer, delta: 0.9)
      case .hazard: .hazard(bins: places.buffer, observed: observed.buffer)
      }
    func loss(_ gradient: HostArray<Double>? = nil) -> Double {
      RowLossReference.run(
        z.buffer, width: width, kind, weights: weights.buffer, scale: 0.3,
        gradient: gradient?.buffer)
    }
    let gradient = HostArray(count: rows * width)
    _ = loss(gradient)
    let expected = z.centralDifferences { loss() }
    #expect(largestError(gradient.values, expected) < Tolerance.centralDifference)
  }
}
