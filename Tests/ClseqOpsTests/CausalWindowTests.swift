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

  /// Some windows are wider than any sequence but the longest.
  @Test(arguments: TestBackend.onDevice, [1, 31, 32, 33, 64, 65])
  func deviceMatchesReference(_ kind: TestBackend, d: Int) throws {
    for (lengths, width) in [(Self.lengths, 1), (Self.lengths, 7), ([3, 70, 0, 1], 66)] {
      for op in WindowOp.allCases {
        let actual = try run(kind, op, lengths: lengths, d: d, width: width)
        let expected = try run(.reference, op, lengths: lengths, d: d, width: width)
        for (a, b) in zip(actual, expected) {
          #expect(largestError(a, b) < Tolerance.sums, "\(op), width \(width)")
        }
      }
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

  /// PyTorch's convolution with a dilation of two events, over three channels.
  @Test(arguments: TestBackend.allCases)
  func convolutionGolden(_ kind: TestBackend) throws {
    try compare(kind, "convolution", [4, 9], taps: 3) { x, weights, times, tape in
      try tape.linear(
        try tape.causalWindow(x, times: times, width: 3, dilation: 2), weight: weights)
    }
  }

  @Test(arguments: TestBackend.allCases)
  func maximumGolden(_ kind: TestBackend) throws {
    try compare(kind, "maximum", []) { x, _, times, tape in
      try tape.causalWindowMax(x, times: times, width: 3)
    }
  }

  @Test(arguments: TestBackend.allCases)
  func verticalConvolutionGolden(_ kind: TestBackend) throws {
    try compare(kind, "vertical", [4, 5]) { x, weights, times, tape in
      try tape.causalWindowSum(x, weights: weights, times: times)
    }
  }

  /// Compares output, gradient of x and gradient of a kernel, if it has a shape, with a golden case.
  ///
  /// - Parameter taps: of a kernel of [filters, channels, taps], which become its last but one axis.
  private func compare(
    _ kind: TestBackend, _ name: String, _ shape: [Int], taps: Int = 1,
    _ op: (Tensor, Parameter, Indices, Tape) throws -> Tensor
  ) throws {
    let backend = try kind.make()
    let golden = try GoldenArrays("supervised.safetensors")
    func kernel(_ array: String) -> [Float] {
      let (kernel, row) = (golden["\(name).\(array)"], shape[1])
      return kernel.indices.map {
        kernel[$0 / row * row + $0 % (row / taps) * taps + $0 % row / (row / taps)]
      }
    }
    let store = ParameterStore(backend)
    let weights = store.declare(
      "kernel", shape.isEmpty ? [1] : shape, .values(shape.isEmpty ? [0] : kernel("kernel")))
    try store.allocate(seed: 0)
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let x = try backend.tensor(golden["\(name).x"], golden.shape("\(name).x"))
    let y = try op(x, weights, try backend.indices(Self.times([1, 4, 6])), tape)
    try tape.backward(
      from: y, gradient: try backend.tensor(golden["\(name).weights"], golden.shape("\(name).out")))
    let dx = try backend.read(try #require(tape.gradient(of: x)))
    #expect(largestError(try backend.read(y), golden["\(name).out"]) < Tolerance.sums)
    #expect(largestError(dx, golden["\(name).x.gradient"]) < Tolerance.sums)
    if shape.isEmpty { return }
    let dweights = try backend.read(weights.gradient)
    #expect(largestError(dweights, kernel("kernel.gradient")) < Tolerance.sums)
  }
}

@Suite struct CausalWindowReferenceTests {
  /// Gradients of a weighted sum of the outputs against central differences, plus a base of one.
  @Test(arguments: WindowOp.allCases) fileprivate func centralDifferences(_ op: WindowOp) {
    let (d, width, times) = (2, 3, HostArray<Int32>([0, 0, 1, 2, 3, 4, 5]))
    let window = CausalWindowReference.Window(
      times: times.buffer, channels: d, width: width, dilation: op == .dilated ? 2 : 1,
      lag: op == .lagged ? 1 : 0)
    var numbers = TestNumbers(seed: 6)
    let (x, weights) = (HostArray(numbers.doubles(7 * d)), HostArray(numbers.doubles(2 * width)))
    let filters = [.maximum: 1, .sum: 2][op] ?? width
    let (dy, y) = (HostArray(numbers.doubles(7 * d * filters)), HostArray(count: 7 * d * filters))
    let lags = HostArray(count: 7 * d)
    let used = op == .sum ? weights.buffer : nil
    func loss() -> Double {
      if op == .maximum {
        CausalWindowReference.maximum(x.buffer, y.buffer, lags: lags.buffer, window)
      } else {
        CausalWindowReference.sums(x.buffer, weights: used, y.buffer, window)
      }
      return zip(y.buffer, dy.buffer).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let expected = x.centralDifferences(loss)
    let expectedOfWeights = weights.centralDifferences(loss)
    _ = loss()
    let dx = HostArray([Double](repeating: 1, count: 7 * d))
    let dweights = HostArray(count: 2 * width)
    if op == .maximum {
      CausalWindowReference.maximumBackward(
        dy: dy.buffer, lags: lags.buffer, base: dx.buffer, dx: dx.buffer, window)
    } else {
      CausalWindowReference.sumsBackward(
        dy: dy.buffer, x: x.buffer, weights: used, base: dx.buffer, dx: dx.buffer,
        dweights: used == nil ? nil : dweights.buffer, window)
    }
    #expect(largestError(dx.values, expected.map { $0 + 1 }) < Tolerance.centralDifference)
    #expect(largestError(dweights.values, expectedOfWeights) < Tolerance.centralDifference)
  }
}
