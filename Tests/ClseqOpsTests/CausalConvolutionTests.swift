import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct CausalConvolutionTests {
  private static func times(_ lengths: [Int]) -> [Int32] { lengths.flatMap { 0..<Int32($0) } }

  private func weights(_ width: Int, _ channels: Int, in store: ParameterStore)
    -> ConvolutionWeights
  {
    var numbers = TestNumbers(seed: 4)
    return ConvolutionWeights(
      weight: store.declare(
        "weight", [width, channels], .values(numbers.floats(width * channels))),
      bias: store.declare("bias", [channels], .values(numbers.floats(channels))))
  }

  /// Output, and gradients of x, weights and bias, where x is used twice.
  private func run(
    _ kind: TestBackend, lengths: [Int], channels: Int, width: Int
  ) throws -> [[Float]] {
    let backend = try kind.make()
    let before = backend.bytesInUse
    var results: [[Float]] = []
    do {
      var numbers = TestNumbers(seed: UInt64(channels))
      let n = lengths.reduce(0, +)
      let store = ParameterStore(backend)
      let weights = weights(width, channels, in: store)
      try store.allocate(seed: 0)
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let x = try backend.tensor(numbers.floats(n * channels), [n, channels])
      let times = try backend.indices(Self.times(lengths))
      func once() throws -> Tensor { try tape.causalConvolution(x, weights, times: times) }
      let y = try tape.add(try once(), try once())
      let dy = try backend.tensor(numbers.floats(y.count), y.shape)
      try tape.backward(from: y, gradient: dy)
      results = try [
        y, try #require(tape.gradient(of: x)), weights.weight.gradient, weights.bias.gradient,
      ].map(backend.read)
    }
    #expect(backend.bytesInUse == before)
    return results
  }

  @Test(arguments: TestBackend.onDevice, [1, 31, 32, 33, 64, 65])
  func deviceMatchesReference(_ kind: TestBackend, channels: Int) throws {
    for (lengths, width) in [([1, 2, 63, 64, 65, 200], 4), ([3, 70, 0, 1], 66), ([5], 1)] {
      let actual = try run(kind, lengths: lengths, channels: channels, width: width)
      let expected = try run(.reference, lengths: lengths, channels: channels, width: width)
      for (part, (a, b)) in zip(actual, expected).enumerated() {
        #expect(largestError(a, b) < Tolerance.sums, "part \(part), width \(width)")
      }
    }
  }

  /// Of y = 1 + 2 x_n + 3 x_{n−1}.
  @Test(arguments: TestBackend.allCases) func knownValues(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let weights = ConvolutionWeights(
      weight: store.declare("weight", [2, 1], .values([2, 3])),
      bias: store.declare("bias", [1], .ones))
    try store.allocate(seed: 0)
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let x = try backend.tensor([1, 10, 100, 5, 7], [5, 1])
    let y = try tape.causalConvolution(x, weights, times: try backend.indices([0, 1, 2, 0, 1]))
    try tape.backward(from: y)
    #expect(try backend.read(y) == [3, 24, 231, 11, 30])
    #expect(try tape.gradient(of: x).map(backend.read) == [5, 5, 2, 5, 2])
    #expect(try backend.read(weights.weight.gradient) == [123, 16])
    #expect(try backend.read(weights.bias.gradient) == [5])
  }

  /// Event after event, with the window of the events before, the outputs are those of one pass, to the bit.
  @Test(arguments: TestBackend.allCases) func stepsAreThePass(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let (channels, width, length) = (18, 4, 7)
    let store = ParameterStore(backend)
    let weights = weights(width, channels, in: store)
    try store.allocate(seed: 0)
    var numbers = TestNumbers(seed: 6)
    let x = (0..<2).map { _ in numbers.floats(length * channels) }
    let tape = Tape(backend, mode: .inference)
    let pass = try backend.read(
      try tape.causalConvolution(
        try backend.tensor(x[0] + x[1], [2 * length, channels]), weights,
        times: try backend.indices(Self.times([length, length]))))
    // The first two events of each sequence in one pass, the others one by one.
    let first = try backend.tensor(x.flatMap { $0[..<(2 * channels)] }, [4, channels])
    var window = try tape.lastWindow(
      of: first, weights, times: try backend.indices([0, 1, 0, 1]),
      shape: try LinearScanTests.shape([2, 2], on: backend))
    for t in 2..<length {
      let rows = t * channels..<(t + 1) * channels
      let events = try backend.tensor(x.flatMap { $0[rows] }, [2, channels])
      let (y, next) = try tape.causalConvolution(
        events, after: window, weights, times: try backend.indices([Int32(t), Int32(t)]))
      window = next
      #expect(
        try backend.read(y) == Array(pass[rows])
          + Array(pass[(length + t) * channels..<(length + t + 1) * channels]))
    }
  }
}

@Suite struct CausalConvolutionReferenceTests {
  /// Gradients of a weighted sum of y against central differences, plus a base of one.
  @Test func centralDifferences() {
    let (channels, width, times) = (2, 3, HostArray<Int32>([0, 0, 1, 2, 3, 4, 0]))
    var numbers = TestNumbers(seed: 8)
    let (x, dy) = (HostArray(numbers.doubles(14)), HostArray(numbers.doubles(14)))
    let (weights, bias) = (
      HostArray(numbers.doubles(width * channels)), HostArray(numbers.doubles(channels))
    )
    let y = HostArray(count: 14)
    func loss() -> Double {
      CausalConvolutionReference.forward(
        x.buffer, weights: weights.buffer, bias: bias.buffer, y.buffer, times: times.buffer,
        spacing: 1)
      return zip(y.buffer, dy.buffer).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let expected = [x, weights, bias].map { $0.centralDifferences(loss) }
    let gradients = [14, width * channels, channels].map {
      HostArray([Double](repeating: 1, count: $0))
    }
    CausalConvolutionReference.backward(
      dy: dy.buffer, x.buffer, weights: weights.buffer, base: gradients[0].buffer,
      dx: gradients[0].buffer, dweights: gradients[1].buffer, dbias: gradients[2].buffer,
      times: times.buffer)
    for (actual, differences) in zip(gradients, expected) {
      let error = largestError(actual.values, differences.map { $0 + 1 })
      #expect(error < Tolerance.centralDifference)
    }
  }
}
