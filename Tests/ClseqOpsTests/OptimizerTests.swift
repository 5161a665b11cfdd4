import ClseqOps
import ClseqTestSupport
import Foundation
import Testing

@Suite struct OptimizerTests {
  private let settings = OptimizerSettings(weightDecay: 0.1, maximumGradientNorm: 1)

  /// Parameters after some steps, and the last norm with its factor, for two parameters of
  /// `count` values and one of three.
  private func run(
    _ kind: TestBackend, count: Int, _ settings: OptimizerSettings, steps: Int
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
      norm = try backend.read(store.update(by: settings, learningRate: 0.01, step: step, seed: 1))
    }
    return (try backend.read(first.value) + backend.read(second.value), norm)
  }

  /// AdamW as PyTorch documents it, in Double, on the same numbers.
  private func expected(count: Int, _ settings: OptimizerSettings, steps: Int) -> [Double] {
    let (beta1, beta2, epsilon) = (0.9, 0.98, 1e-8)
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
        m[i] = beta1 * m[i] + (1 - beta1) * g[i]
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
        let mean = m[i] / (1 - pow(beta1, Double(step)))
        let square = v[i] / (1 - pow(beta2, Double(step)))
        p[i] -= 0.01 * mean / (square.squareRoot() + epsilon)
      }
    }
    return p
  }

  @Test(arguments: TestBackend.allCases, [1, 130, 5000])
  func adamWMatchesTheAlgorithmInDouble(_ kind: TestBackend, count: Int) throws {
    for settings in [settings, OptimizerSettings(), OptimizerSettings(maximumGradientNorm: 1e6)] {
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
    let free = try run(kind, count: 3, OptimizerSettings(), steps: 1)
    #expect(free.norm[1] == 1)
  }

  /// Five steps of every optimiser, with weight decay, clipping, momentum and Nesterov's momentum.
  @Test(arguments: TestBackend.allCases) func matchesPyTorch(_ kind: TestBackend) throws {
    let backend = try kind.make()
    for golden in try LossGoldens.read().optimizers {
      let store = ParameterStore(backend)
      let p = store.declare("p", [golden.start.count], .values(golden.start.map(Float.init)))
      try store.allocate(seed: 0)
      for (index, gradient) in golden.gradients.enumerated() {
        try backend.write(gradient.map(Float.init), to: p.gradient)
        let norm = try store.update(
          by: golden.settings, learningRate: golden.learningRate, step: index + 1, seed: 1)
        let expected = Float(golden.norms[index])
        #expect(abs(try backend.read(norm)[0] - expected) < Float(Tolerance.sums) * expected)
      }
      let end = try backend.read(p.value).map(Double.init)
      #expect(largestError(end, golden.end) < Tolerance.sums, "\(golden.settings)")
    }
  }

  /// Steps on whole vectors and on the tail agree with the reference, twice in a row.
  @Test(
    arguments: TestBackend.onDevice,
    [OptimizerSettings.Rule.adam(), .sgd(momentum: 0.9, nesterov: true)])
  func deviceMatchesReference(_ kind: TestBackend, rule: OptimizerSettings.Rule) throws {
    let settings = OptimizerSettings(rule, weightDecay: 0.1, maximumGradientNorm: 2)
    for count in [1, 31, 33, 5000] {
      let actual = try run(kind, count: count, settings, steps: 3)
      let expected = try run(.reference, count: count, settings, steps: 3)
      #expect(largestError(actual.values, expected.values) < Tolerance.sums)
    }
  }

  /// A gradient that is not finite does not change parameters and moments; the norm shows it.
  @Test(
    arguments: TestBackend.allCases,
    [OptimizerSettings.Rule.adamW(), .adam(), .sgd(momentum: 0.9)])
  func aNormThatIsNotFiniteChangesNothing(
    _ kind: TestBackend, rule: OptimizerSettings.Rule
  ) throws {
    let backend = try kind.make()
    let inUse = backend.bytesInUse
    for bad in [Float.nan, .infinity] {
      var numbers = TestNumbers(seed: 3)
      let store = ParameterStore(backend)
      let p = store.declare("p", [37], .values(numbers.floats(37)))
      try store.allocate(seed: 0)
      let settings = OptimizerSettings(rule, maximumGradientNorm: 1)
      func state() throws -> [[Float]] {
        try [store.values, store.firstMoments, store.secondMoments].map(backend.read)
      }
      try backend.write(numbers.floats(37), to: p.gradient)
      try store.update(by: settings, learningRate: 0.01, step: 1, seed: 1)
      let before = try state()
      var gradient = numbers.floats(37)
      gradient[35] = bad
      try backend.write(gradient, to: p.gradient)
      let norm = try store.update(by: settings, learningRate: 0.01, step: 2, seed: 1)
      #expect(try !backend.read(norm)[0].isFinite)
      #expect(try state() == before)
    }
    #expect(backend.bytesInUse == inUse)
  }

  /// Two runs give the same bytes.
  @Test(arguments: TestBackend.allCases) func repeatsExactly(_ kind: TestBackend) throws {
    let first = try run(kind, count: 5000, settings, steps: 3)
    let second = try run(kind, count: 5000, settings, steps: 3)
    #expect(first.values == second.values)
    #expect(first.norm == second.norm)
  }
}

extension LossGoldens.Optimizer {
  fileprivate var settings: OptimizerSettings {
    let rule: OptimizerSettings.Rule =
      switch name {
      case "AdamW": .adamW(beta1: beta1, beta2: beta2, epsilon: epsilon)
      case "Adam": .adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
      default: .sgd(momentum: momentum, nesterov: nesterov)
      }
    return OptimizerSettings(rule, weightDecay: weightDecay, maximumGradientNorm: maximumNorm)
  }
}
