import ClseqOps
import ClseqTestSupport
import Testing

/// `residual + dropout(x)` and its norm in one pass.
@Suite struct ResidualNormTests {
  private let mode = Mode.training(RandomKey(seed: 3, epoch: 2))

  private func events(_ n: Int, on backend: Backend) throws -> EventIndices {
    EventIndices(
      items: try backend.indices([Int32](repeating: 1, count: n)),
      times: try backend.indices((0..<n).map { Int32($0 % 50) }),
      sequences: try backend.indices((0..<n).map { Int32($0 * 31) }))
  }

  /// Sum, norm, and gradients of x, the residual, weight and bias. Two passes follow each other, so that
  /// the first one's sum has a gradient beside that through its norm; x is the input of both.
  ///
  /// - Parameter isFused: false for the same from separate operations.
  private func run(
    _ backend: Backend, n: Int, d: Int, rate: Float, isFused: Bool = true
  ) throws -> [[Float]] {
    var numbers = TestNumbers(seed: UInt64(n * 1000 + d))
    let store = ParameterStore(backend)
    let weight = store.declare("weight", [d], .values(numbers.floats(d)))
    let bias = store.declare("bias", [d], .values(numbers.floats(d)))
    try store.allocate(seed: 0)
    let tape = Tape(backend, mode: mode)
    let events = try events(n, on: backend)
    let x = try backend.tensor(numbers.floats(n * d), [n, d])
    let residual = try backend.tensor(numbers.floats(n * d), [n, d])
    func pass(_ x: Tensor, _ residual: Tensor, _ layer: String) throws -> (
      sum: Tensor, normed: Tensor
    ) {
      let rate = DropoutRate(rate)
      if isFused {
        return try tape.residualNorm(
          x, onto: residual, rate: rate, layer: layer, events: events, weight: weight, bias: bias)
      }
      let sum = try tape.add(
        residual, try tape.dropout(x, rate: rate, layer: layer, events: events))
      return (sum, try tape.layerNorm(sum, weight: weight, bias: bias))
    }
    let first = try pass(x, residual, "one")
    let second = try pass(try tape.add(x, first.normed), first.sum, "two")
    let y = try tape.add(second.normed, second.sum)
    try tape.backward(from: y, gradient: try backend.tensor(numbers.floats(n * d), [n, d]))
    let gradients = try [x, residual].map { try #require(tape.gradient(of: $0)) }
    return try ([first.sum, y] + gradients + [weight.gradient, bias.gradient]).map(backend.read)
  }

  @Test(
    arguments: TestBackend.onDevice,
    [(1, 1), (2, 31), (63, 32), (130, 33), (65, 64), (300, 128), (7, 512)])
  func deviceMatchesReference(_ kind: TestBackend, shape: (n: Int, d: Int)) throws {
    for rate in [Float(0), 0.3] {
      let backend = try kind.make()
      let before = backend.bytesInUse
      let actual = try run(backend, n: shape.n, d: shape.d, rate: rate)
      #expect(backend.bytesInUse == before)
      let expected = try run(.reference(), n: shape.n, d: shape.d, rate: rate)
      for (a, b) in zip(actual, expected) { #expect(largestError(a, b) < Tolerance.sums) }
    }
  }

  @Test(arguments: TestBackend.allCases, [Float(0), 0.3])
  func equalsItsParts(_ kind: TestBackend, rate: Float) throws {
    let backend = try kind.make()
    let actual = try run(backend, n: 70, d: 40, rate: rate)
    let expected = try run(backend, n: 70, d: 40, rate: rate, isFused: false)
    for (a, b) in zip(actual, expected) { #expect(largestError(a, b) < Tolerance.sums) }
  }

  /// Only the sum is used further, or only the norm.
  @Test(arguments: TestBackend.allCases, [Float(0), 0.3])
  func eitherResultAlone(_ kind: TestBackend, rate: Float) throws {
    let backend = try kind.make()
    for usesSum in [true, false] {
      var gradients: [[Float]] = []
      for isFused in [true, false] {
        let store = ParameterStore(backend)
        let weight = store.declare("weight", [8], .ones)
        let bias = store.declare("bias", [8], .zeros)
        try store.allocate(seed: 0)
        var numbers = TestNumbers(seed: 1)
        let tape = Tape(backend, mode: mode)
        let events = try events(5, on: backend)
        let (x, residual) = (
          try backend.tensor(numbers.floats(40), [5, 8]),
          try backend.tensor(numbers.floats(40), [5, 8])
        )
        let (sum, normed): (Tensor, Tensor)
        if isFused {
          (sum, normed) = try tape.residualNorm(
            x, onto: residual, rate: DropoutRate(rate), layer: "a", events: events, weight: weight,
            bias: bias)
        } else {
          sum = try tape.add(
            residual, try tape.dropout(x, rate: DropoutRate(rate), layer: "a", events: events))
          normed = try tape.layerNorm(sum, weight: weight, bias: bias)
        }
        try tape.backward(
          from: usesSum ? sum : normed,
          gradient: try backend.tensor(numbers.floats(40), [5, 8]))
        gradients += try [x, residual].map { try backend.read(try #require(tape.gradient(of: $0))) }
      }
      #expect(largestError(gradients[0], gradients[2]) < Tolerance.sums)
      #expect(largestError(gradients[1], gradients[3]) < Tolerance.sums)
    }
  }
}
