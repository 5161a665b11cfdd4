import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct ActivationTests {
  private func run(_ kind: TestBackend, _ function: Activation, _ values: [Float]) throws
    -> (y: [Float], dx: [Float])
  {
    let backend = try kind.make()
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let x = try backend.tensor(values, [values.count])
    let first = try tape.activation(function, x)
    let second = try tape.activation(function, x)
    let y = try tape.add(first, second)
    let dy = try backend.tensor(values.map { $0 / 2 + 1 }, [values.count])
    try tape.backward(from: y, gradient: dy)
    return (try backend.read(y), try backend.read(try #require(tape.gradient(of: x))))
  }

  @Test(arguments: TestBackend.onDevice, Activation.allCases)
  func deviceMatchesReference(_ kind: TestBackend, _ function: Activation) throws {
    let far: [Float] = [-90, -20, -5.5, -0.0, 0, 1e-20, 5.5, 20, 90]
    for count in [1, 31, 33, 5000] {
      var numbers = TestNumbers(seed: UInt64(count))
      let values = Array((far + numbers.floats(count).map { 3 * $0 }).suffix(count))
      let actual = try run(kind, function, values)
      let expected = try run(.reference, function, values)
      #expect(largestError(actual.y, expected.y) < Tolerance.singleValues)
      #expect(largestError(actual.dx, expected.dx) < Tolerance.singleValues)
    }
    let actual = try run(kind, function, far)
    let expected = try run(.reference, function, far)
    #expect(largestError(actual.y, expected.y) < Tolerance.singleValues)
    #expect(largestError(actual.dx, expected.dx) < Tolerance.singleValues)
  }

  @Test(arguments: Activation.allCases)
  func referenceSlopeIsCentralDifference(_ function: Activation) {
    for x in [-6, -1.5, -0.2, 0.1, 0.9, 4] {
      let difference =
        (ActivationReference.value(function, x + 1e-5)
          - ActivationReference.value(function, x - 1e-5)) / 2e-5
      let kept = ActivationReference.kept(function, x)
      let slope = ActivationReference.slope(function, kept: kept)
      #expect(abs(slope - difference) < Tolerance.centralDifference)
    }
  }

  /// GELU at 1 and 2 from the tables of the normal distribution.
  @Test func knownValues() {
    #expect(abs(ActivationReference.value(.gelu, 1.0) - 0.841_344_746_068_543) < 1e-12)
    #expect(abs(ActivationReference.value(.gelu, 2.0) - 2 * 0.977_249_868_051_821) < 1e-12)
    #expect(ActivationReference.value(.relu, -3.0) == 0)
    #expect(ActivationReference.value(.relu, 3.0) == 3)
    #expect(abs(ActivationReference.value(.sigmoid, 1.0) - 0.731_058_578_630_005) < 1e-12)
    #expect(abs(ActivationReference.value(.tanh, 1.0) - 0.761_594_155_955_765) < 1e-12)
  }

  /// Small results have the relative accuracy of large ones.
  @Test(arguments: TestBackend.onDevice, [Activation.sigmoid, .tanh])
  func smallResultsKeepTheirDigits(_ kind: TestBackend, _ function: Activation) throws {
    let backend = try kind.make()
    let values = (1...600).map { Float($0) / (function == .tanh ? 300 : -40) } + [1e-20, -1e-4]
    let tape = Tape(backend, mode: .inference)
    let y = try backend.read(try tape.activation(function, backend.tensor(values, [values.count])))
    for (x, result) in zip(values, y) {
      let expected = ActivationReference.value(function, Double(x))
      #expect(abs(Double(result) / expected - 1) < Tolerance.singleValues, "\(x)")
    }
  }
}
