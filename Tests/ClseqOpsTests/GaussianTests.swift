import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct GaussianTests {
  private let training = Mode.training(RandomKey(seed: 11, epoch: 5))

  /// Twice a draw and a divergence of one pair of tensors: values and gradients.
  private func run(_ kind: TestBackend, n: Int, d: Int, least: Float) throws -> [[Float]] {
    let backend = try kind.make()
    let before = backend.bytesInUse
    var results: [[Float]] = []
    do {
      var numbers = TestNumbers(seed: UInt64(n * 1000 + d))
      let tape = Tape(backend, mode: training)
      let mean = try backend.tensor(numbers.floats(n * d), [n, d])
      let logVariance = try backend.tensor(numbers.floats(n * d), [n, d])
      let sequences = try backend.indices((0..<n).map { Int32($0 * 7919) })
      let draws = try ["one", "two"].map {
        try tape.gaussianSample(
          mean: mean, logVariance: logVariance, sequences: sequences, layer: $0)
      }
      let sum = try tape.add(draws[0], draws[1])
      try tape.backward(from: sum, gradient: try backend.tensor(numbers.floats(n * d), [n, d]))
      results = try draws.map(backend.read)
      results += try [mean, logVariance].map { try backend.read(#require(tape.gradient(of: $0))) }
      let other = Tape(backend, mode: training)
      let losses = try [Float(0.5), 0.25].map {
        try other.gaussianDivergence(mean: mean, logVariance: logVariance, least: least, scale: $0)
      }
      let loss = try other.add(losses[0], losses[1])
      try other.backward(from: loss)
      results.append(try backend.read(loss).map { $0 / Float(n * d) })
      results += try [mean, logVariance].map { try backend.read(#require(other.gradient(of: $0))) }
    }
    #expect(backend.bytesInUse == before)
    return results
  }

  @Test(
    arguments: TestBackend.onDevice,
    [(1, 1), (5, 31), (64, 32), (65, 33), (20, 64), (130, 65), (2, 200)])
  func deviceMatchesReference(_ kind: TestBackend, shape: (n: Int, d: Int)) throws {
    for least in [Float(0), 0.2] {
      let actual = try run(kind, n: shape.n, d: shape.d, least: least)
      let expected = try run(.reference, n: shape.n, d: shape.d, least: least)
      for (a, b) in zip(actual, expected) { #expect(largestError(a, b) < Tolerance.normalNumbers) }
    }
  }

  /// Mean 0, deviation 1, and no correlation of neighbours, within five deviations of 64,000 numbers.
  @Test(arguments: TestBackend.allCases) func numbersAreNormal(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let (n, d) = (1000, 64)
    let zeros = try (0..<2).map { _ in try backend.zeros([n, d]) }
    let noise = try backend.read(
      try Tape(backend, mode: training).gaussianSample(
        mean: zeros[0], logVariance: zeros[1],
        sequences: try backend.indices((0..<Int32(n)).map { $0 }), layer: "a")
    ).map(Double.init)
    let count = Double(noise.count)
    let bound = 5 / count.squareRoot()
    #expect(abs(noise.reduce(0, +) / count) < bound)
    #expect(abs(noise.reduce(0) { $0 + $1 * $1 } / count - 1) < bound * 2.0.squareRoot())
    #expect(abs(zip(noise, noise.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / count) < bound)
    #expect(abs(noise.reduce(0) { $0 + $1 * $1 * $1 } / count) < bound * 15.0.squareRoot())
  }

  /// A draw depends on the sequence, not on its row in the batch.
  @Test(arguments: TestBackend.allCases) func followsTheSequence(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let (n, d) = (40, 33)
    let (mean, logVariance) = (try backend.zeros([n, d]), try backend.zeros([n, d]))
    func drawn(_ order: [Int32]) throws -> [[Float]] {
      let values = try backend.read(
        try Tape(backend, mode: training).gaussianSample(
          mean: mean, logVariance: logVariance, sequences: try backend.indices(order), layer: "a"))
      return (0..<n).map { Array(values[$0 * d..<($0 + 1) * d]) }
    }
    let straight = try drawn((0..<Int32(n)).map { $0 })
    #expect(try drawn((0..<Int32(n)).reversed()) == straight.reversed())
    #expect(Set(straight).count == n)
  }

  @Test(arguments: TestBackend.allCases) func inferenceTakesTheMean(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let mean = try backend.tensor([1, 2, 3, 4], [2, 2])
    let z = try Tape(backend, mode: .inference).gaussianSample(
      mean: mean, logVariance: try backend.zeros([2, 2]), sequences: try backend.indices([0, 1]),
      layer: "a")
    #expect(try backend.read(z) == [1, 2, 3, 4])
  }

  /// N(0, 1) has no divergence, N(2, 1) two nats, and N(0, e) (e − 2) / 2; below the free nats nothing is learned.
  @Test(arguments: TestBackend.allCases) func knownDivergences(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let (m, l) = (try backend.tensor([0, 2, 0], [1, 3]), try backend.tensor([0, 0, 1], [1, 3]))
    for (least, expected) in [(Float(0), Float(2.35914)), (0.5, 3)] {
      let tape = Tape(backend, mode: training)
      let loss = try tape.gaussianDivergence(mean: m, logVariance: l, least: least, scale: 1)
      #expect(abs(try backend.read(loss)[0] - expected) < 1e-5)
      try tape.backward(from: loss)
      #expect(try tape.gradient(of: m).map(backend.read) == [0, 2, 0])
      let slope = try backend.read(#require(tape.gradient(of: l)))[2]
      #expect(abs(slope - (least == 0 ? 0.859141 : 0)) < 1e-5)
    }
  }

  @Test func referenceGradientsAreCentralDifferences() {
    var numbers = TestNumbers(seed: 3)
    let (mean, log, dz) = (
      HostArray(numbers.doubles(12)), HostArray(numbers.doubles(12)), HostArray(numbers.doubles(12))
    )
    let (z, dmean, dlog) = (HostArray(count: 12), HostArray(count: 12), HostArray(count: 12))
    let key = RandomKey(seed: 2, epoch: 1).layer("a")
    var sequences: [Int32] = [4, 9]
    sequences.withUnsafeMutableBufferPointer { sequences in
      func sample() -> Double {
        GaussianReference.sample(
          mean: mean.buffer, logVariance: log.buffer, z.buffer, sequences: sequences, key: key)
        return zip(z.buffer, dz.buffer).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let expected = (mean.centralDifferences(sample), log.centralDifferences(sample))
      GaussianReference.sampleBackward(
        dz: dz.buffer, logVariance: log.buffer, meanBase: nil, meanGradient: dmean.buffer,
        logBase: nil, logGradient: dlog.buffer, sequences: sequences, key: key)
      #expect(largestError(dmean.values, expected.0) < Tolerance.centralDifference)
      #expect(largestError(dlog.values, expected.1) < Tolerance.centralDifference)
    }
    func divergence(_ gradients: Bool) -> Double {
      GaussianReference.divergence(
        mean: mean.buffer, logVariance: log.buffer, least: 0.1, scale: 0.7,
        gradients: gradients ? (dmean.buffer, dlog.buffer) : nil)
    }
    let expected = (
      mean.centralDifferences { divergence(false) }, log.centralDifferences { divergence(false) }
    )
    _ = divergence(true)
    #expect(largestError(dmean.values, expected.0) < Tolerance.centralDifference)
    #expect(largestError(dlog.values, expected.1) < Tolerance.centralDifference)
  }
}
