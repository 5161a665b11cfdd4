import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct LayerNormTests {
  /// Output and gradients (of x, weight, bias) of two layer norms of one input, added: so each
  /// gradient is accumulated once.
  private func run(_ kind: TestBackend, n: Int, d: Int) throws -> [[Float]] {
    let backend = try kind.make()
    let before = backend.bytesInUse
    var results: [[Float]] = []
    do {
      var numbers = TestNumbers(seed: UInt64(n * 1000 + d))
      let store = ParameterStore(backend)
      let weight = store.declare("weight", [d], .values(numbers.floats(d)))
      let bias = store.declare("bias", [d], .values(numbers.floats(d)))
      try store.allocate(seed: 0)
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let x = try backend.tensor(numbers.floats(n * d), [n, d])
      let first = try tape.layerNorm(x, weight: weight, bias: bias)
      let second = try tape.layerNorm(x, weight: weight, bias: bias)
      let y = try tape.add(first, second)
      try tape.backward(from: y, gradient: try backend.tensor(numbers.floats(n * d), [n, d]))
      let dx = try #require(tape.gradient(of: x))
      results = try [y, dx, weight.gradient, bias.gradient].map(backend.read)
    }
    #expect(backend.bytesInUse == before)
    return results
  }

  @Test(
    arguments: TestBackend.onDevice,
    [(1, 1), (2, 31), (63, 32), (130, 33), (65, 64), (200, 65), (300, 128), (7, 512)])
  func deviceMatchesReference(_ kind: TestBackend, shape: (n: Int, d: Int)) throws {
    let actual = try run(kind, n: shape.n, d: shape.d)
    let expected = try run(.reference, n: shape.n, d: shape.d)
    #expect(largestError(actual[0], expected[0]) < Tolerance.sums)
    #expect(largestError(actual[1], expected[1]) < Tolerance.sums)
    #expect(largestError(actual[2], expected[2]) < Tolerance.sums)
    #expect(largestError(actual[3], expected[3]) < Tolerance.sums)
  }

  @Test func referenceGradientsAreCentralDifferences() {
    let (n, d) = (3, 5)
    var numbers = TestNumbers(seed: 1)
    let x = HostArray(numbers.doubles(n * d))
    let weight = HostArray(numbers.doubles(d))
    let bias = HostArray(numbers.doubles(d))
    let dy = HostArray(numbers.doubles(n * d))
    let (y, mean, rstd) = (HostArray(count: n * d), HostArray(count: n), HostArray(count: n))
    func loss() -> Double {
      LayerNormReference.forward(
        x: x.buffer, weight: weight.buffer, bias: bias.buffer, y: y.buffer, mean: mean.buffer,
        rstd: rstd.buffer, epsilon: 1e-5)
      return zip(y.buffer, dy.buffer).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let expected = [x, weight, bias].map { $0.centralDifferences(loss) }
    _ = loss()
    let (dx, dweight, dbias) = (HostArray(count: n * d), HostArray(count: d), HostArray(count: d))
    LayerNormReference.backward(
      dy: dy.buffer, x: x.buffer, weight: weight.buffer, mean: mean.buffer, rstd: rstd.buffer,
      base: nil, dx: dx.buffer, dweight: dweight.buffer, dbias: dbias.buffer)
    for (gradient, differences) in zip([dx, dweight, dbias], expected) {
      #expect(largestError(gradient.values, differences) < Tolerance.centralDifference)
    }
  }
}
