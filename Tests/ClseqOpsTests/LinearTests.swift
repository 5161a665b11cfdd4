import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct LinearTests {
  /// Results and gradients of two linear layers with an activation between them, where the first
  /// layer's result and input are also used by other ops: every way in which a gradient can arrive.
  private func run(
    _ kind: TestBackend, _ activation: Activation?, n: Int, widths: (Int, Int, Int),
    adds: Bool = false
  ) throws -> [[Float]] {
    let backend = try kind.make()
    let before = backend.bytesInUse
    var results: [[Float]] = []
    do {
      var numbers = TestNumbers(seed: UInt64(n + widths.1))
      let store = ParameterStore(backend)
      func parameter(_ name: String, _ shape: [Int]) -> Parameter {
        let values = numbers.floats(shape.reduce(1, *)).map { $0 / Float(shape[shape.count - 1]) }
        return store.declare(name, shape, .values(values))
      }
      let parameters = [
        parameter("first.weight", [widths.1, widths.0]), parameter("first.bias", [widths.1]),
        parameter("second.weight", [widths.2, widths.1]), parameter("second.bias", [widths.2]),
        parameter("third.weight", [widths.1, widths.1]),
      ]
      try store.allocate(seed: 0)
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let x = try backend.tensor(numbers.floats(n * widths.0), [n, widths.0])
      let addend =
        adds ? try backend.tensor(numbers.floats(n * widths.1), [n, widths.1]) : nil
      let hidden = try tape.linear(
        x, weight: parameters[0], bias: parameters[1], adding: addend, activation: activation)
      let y = try tape.linear(hidden, weight: parameters[2], bias: parameters[3])
      let z = try tape.linear(tape.linear(hidden, weight: parameters[4]), weight: parameters[2])
      let sum = try tape.add(y, z)
      let both = try tape.matmul(sum, hidden, transposeA: true)
      try tape.backward(
        from: both, gradient: try backend.tensor(numbers.floats(both.count), both.shape))
      let dx = try #require(tape.gradient(of: x))
      let added = try addend.map { try #require(tape.gradient(of: $0)) }
      results = try ([y, both, dx] + parameters.map(\.gradient) + [added].compactMap { $0 })
        .map(backend.read)
    }
    #expect(backend.bytesInUse == before)
    return results
  }

  private func compare(
    _ kind: TestBackend, _ activation: Activation?, n: Int, widths: (Int, Int, Int)
  ) throws {
    for adds in [false, true] {
      let actual = try run(kind, activation, n: n, widths: widths, adds: adds)
      let expected = try run(.reference, activation, n: n, widths: widths, adds: adds)
      for (a, b) in zip(actual, expected) { #expect(largestError(a, b) < Tolerance.sums) }
    }
  }

  /// Zeros that are added change no bit, whether the activation is computed in the product or after it.
  @Test(arguments: TestBackend.allCases, [nil] + Activation.allCases)
  func zerosAddNothing(_ kind: TestBackend, _ activation: Activation?) throws {
    let backend = try kind.make()
    var numbers = TestNumbers(seed: 8)
    let store = ParameterStore(backend)
    // More inner values than one part of a product holds.
    let weight = store.declare("weight", [130, 600], .values(numbers.floats(130 * 600)))
    let bias = store.declare("bias", [130], .values(numbers.floats(130)))
    try store.allocate(seed: 0)
    let x = try backend.tensor(numbers.floats(67 * 600), [67, 600])
    let results = try [nil, try backend.zeros([67, 130])].map { addend in
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let y = try tape.linear(
        x, weight: weight, bias: bias, adding: addend, activation: activation)
      return try backend.read(y)
    }
    #expect(results[0] == results[1])
  }

  @Test(arguments: TestBackend.onDevice, [nil] + Activation.allCases)
  func smallCases(_ kind: TestBackend, _ activation: Activation?) throws {
    try compare(kind, activation, n: 5, widths: (3, 9, 2))
  }

  @Test(arguments: TestBackend.onDevice, [nil] + Activation.allCases)
  func deviceMatchesReference(_ kind: TestBackend, _ activation: Activation?) throws {
    try compare(kind, activation, n: 65, widths: (33, 31, 65))
    try compare(kind, activation, n: 200, widths: (64, 300, 32))
    try compare(kind, activation, n: 1, widths: (1, 1, 1))
  }

  /// Inference keeps nothing and computes the same.
  @Test(arguments: TestBackend.allCases, Activation.allCases)
  func inferenceEqualsTraining(_ kind: TestBackend, _ activation: Activation) throws {
    let backend = try kind.make()
    var numbers = TestNumbers(seed: 1)
    let store = ParameterStore(backend)
    let weight = store.declare("weight", [10, 20], .values(numbers.floats(200)))
    let bias = store.declare("bias", [10], .values(numbers.floats(10)))
    try store.allocate(seed: 0)
    let x = try backend.tensor(numbers.floats(60), [3, 20])
    let modes: [Mode] = [.inference, .training(RandomKey(seed: 0, epoch: 0))]
    let results = try modes.map { mode in
      let tape = Tape(backend, mode: mode)
      return try backend.read(
        try tape.linear(x, weight: weight, bias: bias, activation: activation))
    }
    #expect(results[0] == results[1])
  }

  /// A constant input gets no gradient, with any activation.
  @Test(arguments: TestBackend.allCases, Activation.allCases)
  func aConstantHasNoGradient(_ kind: TestBackend, _ activation: Activation) throws {
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let weight = store.declare("weight", [2, 2], .normal(standardDeviation: 1))
    try store.allocate(seed: 0)
    let x = try backend.tensor([1, 2], [1, 2])
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let y = try tape.linear(x, weight: weight, activation: activation, isConstant: true)
    try tape.backward(from: y)
    #expect(tape.gradient(of: x) == nil)
    #expect(try backend.read(weight.gradient) != [0, 0, 0, 0])
  }

  /// The reference's fused activation and its gradient, against central differences in Double.
  @Test(arguments: Activation.allCases)
  func referenceGradientIsCentralDifference(_ activation: Activation) {
    let shape = MatmulShape(m: 3, n: 4, k: 5, transposeB: true)
    var numbers = TestNumbers(seed: 5)
    let (x, w) = (HostArray(numbers.doubles(15)), HostArray(numbers.doubles(20)))
    let (bias, dy) = (HostArray(numbers.doubles(4)), HostArray(numbers.doubles(12)))
    let (y, kept) = (HostArray(count: 12), HostArray(count: 12))
    let base = HostArray(numbers.doubles(12))
    func loss() -> Double {
      MatmulReference.multiply(
        x.buffer, w.buffer, into: y.buffer, shape, base: base.buffer, bias: bias.buffer,
        epilogue: .activation(activation, keeping: kept.buffer))
      return zip(y.buffer, dy.buffer).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let (expected, expectedOfBase) = (
      bias.centralDifferences(loss), base.centralDifferences(loss)
    )
    _ = loss()
    // dy passes through the activation like the gradient from a layer after it: here times
    // identity.
    let identity = HostArray((0..<16).map { $0 % 5 == 0 ? 1.0 : 0.0 })
    let dz = HostArray(count: 12)
    MatmulReference.multiply(
      dy.buffer, identity.buffer, into: dz.buffer, MatmulShape(m: 3, n: 4, k: 4),
      epilogue: .activationGradient(activation, kept: kept.buffer))
    let dbias = HostArray(count: 4)
    MatmulReference.addColumnSums(
      dz.buffer, to: dbias.buffer, MatmulShape(m: 4, n: 1, k: 3, transposeA: true))
    #expect(largestError(dbias.values, expected) < Tolerance.centralDifference)
    #expect(largestError(dz.values, expectedOfBase) < Tolerance.centralDifference)
  }
}
