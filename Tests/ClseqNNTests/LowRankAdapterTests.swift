import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct LowRankAdapterTests {
  private struct Case {
    let backend: Backend
    let store: ParameterStore
    let map: Linear

    init(_ kind: TestBackend, parts: [String], freezes: Bool = false) throws {
      backend = try kind.make()
      store = ParameterStore(backend)
      map = Linear(
        "map", inputs: 5, outputs: 6, parts: parts,
        adaptation: LowRankAdaptation(rank: 2, alpha: 3), in: store)
      if freezes {
        store.setGroups { ParameterGroup(isTrained: $0.name.contains("lora")) }
      }
      try store.allocate(seed: 4)
      var numbers = TestNumbers(seed: 9)
      for parameter in store.parameters {
        try backend.write(numbers.floats(parameter.count), to: parameter.value)
      }
    }

    func output(_ x: [Float]) throws -> [Float] {
      let tape = Tape(backend, mode: .inference)
      return try backend.read(try map(backend.tensor(x, [x.count / 5, 5]), on: tape))
    }

    func values(_ name: String) throws -> [Float] {
      let parameter = try #require(store.parameters.first { $0.name == name })
      return try backend.read(parameter.value)
    }
  }

  /// x Wᵀ + b + (α / r) (x Aᵀ) Bᵀ of each part, which merged weights give too.
  @Test(arguments: TestBackend.allCases, [[], ["left", "right"], ["q", "k", "v"]])
  func theProductIsAdded(_ kind: TestBackend, _ parts: [String]) throws {
    let test = try Case(kind, parts: parts)
    var numbers = TestNumbers(seed: 2)
    let x = numbers.floats(7 * 5)
    let names = parts.isEmpty ? ["map"] : parts.map { "map.\($0)" }
    let (weight, bias) = (try test.values("map.weight"), try test.values("map.bias"))
    let rows = 6 / names.count
    var expected = [Float](repeating: 0, count: 7 * 6)
    var merged: [Float] = []
    for (part, name) in names.enumerated() {
      let (a, b) = (
        try test.values(name + ".lora_A.weight"), try test.values(name + ".lora_B.weight")
      )
      merged += LowRankAdapter.merged(
        Array(weight[part * rows * 5..<(part + 1) * rows * 5]), down: a, up: b, rank: 2,
        scale: 1.5)
      for event in 0..<7 {
        for row in 0..<rows {
          let output = part * rows + row
          var sum = bias[output]
          for i in 0..<5 {
            sum += x[event * 5 + i] * weight[output * 5 + i]
            for r in 0..<2 { sum += 1.5 * x[event * 5 + i] * a[r * 5 + i] * b[row * 2 + r] }
          }
          expected[event * 6 + output] = sum
        }
      }
    }
    #expect(largestError(try test.output(x), expected) < Tolerance.sums)
    try test.backend.write(merged, to: test.map.weight.value)
    for name in names {
      let up = try #require(test.store.parameters.first { $0.name == name + ".lora_B.weight" })
      try test.backend.write([Float](repeating: 0, count: up.count), to: up.value)
    }
    #expect(largestError(try test.output(x), expected) < Tolerance.sums)
  }

  /// The map is linear in A and in B, so that differences over whole steps are its gradients. Frozen weights have no
  /// gradient.
  @Test(arguments: TestBackend.allCases, [[], ["left", "right"]])
  func gradientsAreDifferences(_ kind: TestBackend, _ parts: [String]) throws {
    let test = try Case(kind, parts: parts, freezes: true)
    var numbers = TestNumbers(seed: 3)
    let (x, dy) = (numbers.floats(4 * 5), numbers.floats(4 * 6))
    func loss() throws -> Float { zip(try test.output(x), dy).reduce(0) { $0 + $1.0 * $1.1 } }
    let tape = Tape(test.backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let y = try test.map(test.backend.tensor(x, [4, 5]), on: tape)
    try tape.backward(from: y, gradient: try test.backend.tensor(dy, [4, 6]))
    let trained = test.store.parameters.filter(\.isTrained)
    #expect(trained.count == 2 * max(1, parts.count))
    for parameter in trained {
      let values = try test.backend.read(parameter.value)
      let expected = try values.indices.map { index -> Float in
        var sides: [Float] = []
        for step in [Float(1), -1] {
          var changed = values
          changed[index] += step
          try test.backend.write(changed, to: parameter.value)
          sides.append(try loss())
        }
        return (sides[0] - sides[1]) / 2
      }
      try test.backend.write(values, to: parameter.value)
      #expect(
        largestError(try test.backend.read(parameter.gradient), expected) < Tolerance.sums,
        "\(parameter.name)")
    }
  }
}
