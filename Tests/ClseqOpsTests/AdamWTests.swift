import ClseqOps
import ClseqTestSupport
import Foundation
import Testing

@Suite struct AdamWTests {
  private let settings = AdamWSettings(weightDecay: 0.1, maximumGradientNorm: 1)

  /// Parameters after some steps, and the last norm with its factor, for two parameters of
  /// `count` values and one of three.
  private func run(
    _ kind: TestBackend, count: Int, _ settings: AdamWSettings, steps: Int
  ) throws -> (values: [Float], norm: [Float]) {
    let backend = try kind.make()
    var numbers = TestNumbers(seed: UInt64(count))
    let store = ParameterStore(backend)
    let first = store.declare("first", [count], .values(numbers.floats(count)))
    let second = store.declare("second", [3], .values(numbers.floats(3)))
    try store.allocate(seed: 0)
    var norm: [Float] = []
    for step in 1...steps {
      try backend.write(numbers.floats(count), to: first.gradient)
      try backend.write(numbers.floats(3), to: second.gradient)
      norm = try backend.read(store.adamW(settings, learningRate: 0.01, step: step))
    }
    return (try backend.read(first.value) + backend.read(second.value), norm)
  }

  /// The algorithm as PyTorch documents it, in Double, on the same numbers.
  private func expected(count: Int, _ settings: AdamWSettings, steps: Int) -> [Double] {
    var numbers = TestNumbers(seed: UInt64(count))
    var p = (numbers.floats(count) + numbers.floats(3)).map(Double.init)
    var m = [Double](repeating: 0, count: p.count)
    var v = m
    for step in 1...steps {
      var g = (numbers.floats(count) + numbers.floats(3)).map(Double.init)
      let norm = g.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if settings.maximumGradientNorm > 0 {
        let factor = min(1, settings.maximumGradientNorm / (norm + 1e-6))
        g = g.map { $0 * factor }
      }
      for i in p.indices {
        p[i] -= 0.01 * settings.weightDecay * p[i]
        m[i] = settings.beta1 * m[i] + (1 - settings.beta1) * g[i]
        v[i] = settings.beta2 * v[i] + (1 - settings.beta2) * g[i] * g[i]
        let mean = m[i] / (1 - pow(settings.beta1, Double(step)))
        let square = v[i] / (1 - pow(settings.beta2, Double(step)))
        p[i] -= 0.01 * mean / (square.squareRoot() + settings.epsilon)
      }
    }
    return p
  }

  @Test(arguments: TestBackend.allCases, [1, 130, 5000])
  func matchesTheAlgorithmInDouble(_ kind: TestBackend, count: Int) throws {
    for settings in [settings, AdamWSettings(), AdamWSettings(maximumGradientNorm: 1e6)] {
      let actual = try run(kind, count: count, settings, steps: 4)
      let expected = expected(count: count, settings, steps: 4)
      #expect(largestError(actual.values.map(Double.init), expected) < Tolerance.sums)
    }
  }

  @Test(arguments: TestBackend.onDevice)
  func normAndFactorMatchReference(_ kind: TestBackend) throws {
    let actual = try run(kind, count: 70_000, settings, steps: 1)
    let expected = try run(.reference, count: 70_000, settings, steps: 1)
    #expect(largestError(actual.norm, expected.norm) < Tolerance.sums)
    #expect(expected.norm[1] < 0.01)
    let free = try run(kind, count: 3, AdamWSettings(), steps: 1)
    #expect(free.norm[1] == 1)
  }

  /// Two runs give the same bytes.
  @Test(arguments: TestBackend.allCases) func repeatsExactly(_ kind: TestBackend) throws {
    let first = try run(kind, count: 5000, settings, steps: 3)
    let second = try run(kind, count: 5000, settings, steps: 3)
    #expect(first.values == second.values)
    #expect(first.norm == second.norm)
  }
}
