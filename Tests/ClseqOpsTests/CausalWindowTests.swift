import ClseqOps
import ClseqTestSupport
import Testing

/// One of the ops over windows of the last events.
private enum WindowOp: CaseIterable, Sendable {
  case window, dilated, lagged, maximum, sum

  func apply(_ x: Tensor, _ times: Indices, width: Int, weights: Parameter, on tape: Tape) throws
    -> Tensor
  {
    switch self {
    case .window: try tape.causalWindow(x, times: times, width: width)
    case .dilated: try tape.causalWindow(x, times: times, width: width, dilation: 3)
    case .lagged: try tape.causalWindow(x, times: times, width: width, dilation: 2, lag: 1)
    case .maximum: try tape.causalWindowMax(x, times: times, width: width)
    case .sum: try tape.causalWindowSum(x, weights: weights, times: times)
    }
  }
}

@Suite struct CausalWindowTests {
  private static let lengths = [1, 2, 63, 64, 65, 200]

  private static func times(_ lengths: [Int]) -> [Int32] {
    lengths.flatMap { (0..<Int32($0)) }
  }

  /// Output, and gradients of x and the weights, where x is used twice.
  private func run(
    _ kind: TestBackend, _ op: WindowOp, lengths: [Int], d: Int, width: Int
  ) throws -> [[Float]] {
    let backend = try kind.make()
    let before = backend.bytesInUse
    var results: [[Float]] = []
    do {
      var numbers = TestNumbers(seed: UInt64(d * 100 + width))
      let n = lengths.reduce(0, +)
      let store = ParameterStore(backend)
      let weights = store.declare("weights", [3, width], .values(numbers.floats(3 * width)))
      try store.allocate(seed: 0)
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      // Few different values, so that a window holds its maximum more than once.
      let x = try backend.tensor(numbers.floats(n * d).map { ($0 * 4).rounded() / 4 }, [n, d])
      let times = try backend.indices(Self.times(lengths))
      func once() throws -> Tensor {
        try op.apply(x, times, width: width, weights: weights, on: tape)
      }
      let y = try tape.add(try once(), try once())
      let dy = try backend.tensor(numbers.floats(y.count), y.shape)
      try tape.backward(from: y, gradient: dy)
      results = try [y, try #require(tape.gradient(of: x)), weights.gradient].map(backend.read)
    }
    #expect(backend.bytesInUse == before)
    return results
  }

  @Test(arguments: TestBackend.onDevice, [1, 31, 32, 33, 64, 65])
  func deviceMatchesReference(_ kind: TestBackend, d: Int) throws {
    for op in WindowOp.allCases {
      for width in [1, 2, 7] {
        let actual = try run(kind, op, lengths: Self.lengths, d: d, width: width)
        let expected = try run(.reference, op, lengths: Self.lengths, d: d, width: width)
        for (a, b) in zip(actual, expected) {
          #expect(largestError(a, b) < Tolerance.sums, "\(op), width \(width)")
        }
      }
    }
  }

  /// Wider than any sequence but the longest.
  @Test(arguments: TestBackend.onDevice)
  func wideWindows(_ kind: TestBackend) throws {
    for op in WindowOp.allCases {
      let actual = try run(kind, op, lengths: [3, 70, 0, 1], d: 5, width: 66)
      let expected = try run(.reference, op, lengths: [3, 70, 0, 1], d: 5, width: 66)
      for (a, b) in zip(actual, expected) { #expect(largestError(a, b) < Tolerance.sums) }
    }
  }

  /// A sequence's rows do not depend, to the bit, on the other sequences of the batch.
  @Test(arguments: TestBackend.allCases)
  func batchCompositionChangesNothing(_ kind: TestBackend) throws {
    let backend = try kind.make()
    var numbers = TestNumbers(seed: 2)
    let (d, length) = (33, 20)
    let own = numbers.floats(length * d)
    func output(_ op: WindowOp, before: Int, after: Int) throws -> ArraySlice<Float> {
      let store = ParameterStore(backend)
      let weights = store.declare("weights", [2, 5], .values((0..<10).map { Float($0) / 7 }))
      try store.allocate(seed: 0)
      let values = numbers.floats(before * d) + own + numbers.floats(after * d)
      let x = try backend.tensor(values, [before + length + after, d])
      let times = try backend.indices(Self.times([before, length, after]))
      let tape = Tape(backend, mode: .inference)
      let y = try op.apply(x, times, width: 5, weights: weights, on: tape)
      let rows = before * y.shape[1]..<(before + length) * y.shape[1]
      return ArraySlice(try backend.read(y)[rows])
    }
    for op in WindowOp.allCases {
      #expect(try output(op, before: 0, after: 0) == output(op, before: 70, after: 3))
    }
  }

  @Test(arguments: TestBackend.allCases)
  func firstMaximumTakesTheGradient(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let x = try backend.tensor([2, 2, 1, 2, 3, 3], [6, 1])
    let times = try backend.indices([0, 1, 2, 3, 0, 1])
    let y = try tape.causalWindowMax(x, times: times, width: 3)
    try tape.backward(
      from: y, gradient: try backend.tensor([1, 2, 4, 8, 16, 32], [6, 1]))
    #expect(try backend.read(y) == [2, 2, 2, 2, 3, 3])
    #expect(try tape.gradient(of: x).map(backend.read) == [7, 8, 0, 0, 48, 0])
  }

  /// The event itself is not in a window that lags by one.
  @Test(arguments: TestBackend.allCases)
  func laggedWindow(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let tape = Tape(backend, mode: .inference)
    let x = try backend.tensor([1, 2, 3, 4, 5], [5, 1])
    let times = try backend.indices([0, 1, 2, 0, 1])
    let y = try tape.causalWindow(x, times: times, width: 2, lag: 1)
    #expect(try backend.read(y) == [0, 0, 0, 1, 1, 2, 0, 0, 0, 4])
  }

  /// A convolution with a dilation of two events, over three channels.
  @Test(arguments: TestBackend.allCases)
  func convolutionGolden(_ kind: TestBackend) throws {
    let golden = try GoldenArrays("supervised.safetensors")
    let kernel = tapsBeforeChannels(golden["convolution.kernel"])
    let results = try run(kind, golden, "convolution", [4, 9], kernel) { x, weights, times, tape in
      try tape.linear(
        try tape.causalWindow(x, times: times, width: 3, dilation: 2), weight: weights)
    }
    let expected = tapsBeforeChannels(golden["convolution.kernel.gradient"])
    #expect(largestError(results.dweights, expected) < Tolerance.sums)
  }

  @Test(arguments: TestBackend.allCases)
  func maximumGolden(_ kind: TestBackend) throws {
    let golden = try GoldenArrays("supervised.safetensors")
    _ = try run(kind, golden, "maximum", [1], [0]) { x, _, times, tape in
      try tape.causalWindowMax(x, times: times, width: 3)
    }
  }

  @Test(arguments: TestBackend.allCases)
  func verticalConvolutionGolden(_ kind: TestBackend) throws {
    let golden = try GoldenArrays("supervised.safetensors")
    let kernel = golden["vertical.kernel"]
    let results = try run(kind, golden, "vertical", [4, 5], kernel) { x, weights, times, tape in
      try tape.causalWindowSum(x, weights: weights, times: times)
    }
    #expect(largestError(results.dweights, golden["vertical.kernel.gradient"]) < Tolerance.sums)
  }

  /// Checks output and gradient of x of a golden case, and returns the gradient of its kernel.
  private func run(
    _ kind: TestBackend, _ golden: GoldenArrays, _ name: String, _ shape: [Int],
    _ kernel: [Float], _ op: (Tensor, Parameter, Indices, Tape) throws -> Tensor
  ) throws -> (y: [Float], dweights: [Float]) {
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let weights = store.declare("kernel", shape, .values(kernel))
    try store.allocate(seed: 0)
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let x = try backend.tensor(golden["\(name).x"], golden.shape("\(name).x"))
    let y = try op(x, weights, try backend.indices(Self.times([1, 4, 6])), tape)
    try tape.backward(
      from: y, gradient: try backend.tensor(golden["\(name).weights"], golden.shape("\(name).out")))
    let dx = try backend.read(try #require(tape.gradient(of: x)))
    let out = try backend.read(y)
    #expect(largestError(out, golden["\(name).out"]) < Tolerance.sums)
    #expect(largestError(dx, golden["\(name).x.gradient"]) < Tolerance.sums)
    return (out, try backend.read(weights.gradient))
  }

  /// [4, 3 channels, 3 taps] to [4, 3 taps, 3 channels].
  private func tapsBeforeChannels(_ kernel: [Float]) -> [Float] {
    (0..<36).map { kernel[$0 / 9 * 9 + $0 % 3 * 3 + $0 / 3 % 3] }
  }
}

@Suite struct CausalWindowReferenceTests {
  private let d = 2
  private let width = 3
  private let times = HostArray<Int32>([0, 0, 1, 2, 3, 4, 5])

  /// Gradients of a weighted sum of the outputs against central differences, plus a base of one.
  private func check(
    _ outputs: Int, _ forward: (_ x: HostArray<Double>, _ y: HostArray<Double>) -> Void,
    _ backward: (_ dy: HostArray<Double>, _ dx: HostArray<Double>) -> Void
  ) {
    var numbers = TestNumbers(seed: 6)
    let (x, y) = (HostArray(numbers.doubles(7 * d)), HostArray(count: outputs))
    let dy = HostArray(numbers.doubles(outputs))
    let expected = x.centralDifferences {
      forward(x, y)
      return zip(y.buffer, dy.buffer).reduce(0) { $0 + $1.0 * $1.1 }
    }
    forward(x, y)
    let dx = HostArray([Double](repeating: 1, count: 7 * d))
    backward(dy, dx)
    #expect(largestError(dx.values, expected.map { $0 + 1 }) < Tolerance.centralDifference)
  }

  @Test(arguments: [1, 2], [0, 1]) func window(dilation: Int, lag: Int) {
    check(7 * d * width) { x, y in
      CausalWindowReference.forward(
        x.buffer, times: times.buffer, y.buffer, channels: d, width: width, dilation: dilation,
        lag: lag)
    } _: { dy, dx in
      CausalWindowReference.backward(
        dy: dy.buffer, times: times.buffer, base: dx.buffer, dx: dx.buffer, channels: d,
        width: width, dilation: dilation, lag: lag)
    }
  }

  @Test func maximum() {
    let lags = HostArray(count: 7 * d)
    check(7 * d) { x, y in
      CausalWindowReference.maximum(
        x.buffer, times: times.buffer, y.buffer, lags: lags.buffer, channels: d, width: width)
    } _: { dy, dx in
      CausalWindowReference.maximumBackward(
        dy: dy.buffer, lags: lags.buffer, times: times.buffer, base: dx.buffer, dx: dx.buffer,
        channels: d, width: width)
    }
  }

  @Test func weightedSum() {
    var numbers = TestNumbers(seed: 9)
    let weights = HostArray(numbers.doubles(2 * width))
    let dweights = HostArray(count: 2 * width)
    var x = HostArray(count: 0)
    var expected: [Double] = []
    check(7 * d * 2) { input, y in
      x = input
      CausalWindowSumReference.forward(
        x.buffer, weights: weights.buffer, times: times.buffer, y.buffer, channels: d,
        width: width)
    } _: { dy, dx in
      CausalWindowSumReference.backward(
        dy: dy.buffer, x: x.buffer, weights: weights.buffer, times: times.buffer, base: dx.buffer,
        dx: dx.buffer, dweights: dweights.buffer, channels: d, width: width)
      let y = HostArray(count: dy.buffer.count)
      expected = weights.centralDifferences {
        CausalWindowSumReference.forward(
          x.buffer, weights: weights.buffer, times: times.buffer, y.buffer, channels: d,
          width: width)
        return zip(y.buffer, dy.buffer).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    #expect(largestError(dweights.values, expected) < Tolerance.centralDifference)
  }
}
