import ClseqOps
import ClseqTestSupport
import Testing

/// Which poles and steps a scan has.
struct ScanCase: CaseIterable, Sendable, CustomTestStringConvertible {
  let (isComplex, hasSteps): (Bool, Bool)

  static let allCases = [false, true].flatMap { complex in
    [false, true].map { ScanCase(isComplex: complex, hasSteps: $0) }
  }

  var planes: Int { isComplex ? 2 : 1 }
  var testDescription: String { "\(isComplex ? "complex" : "real")\(hasSteps ? ", steps" : "")" }
}

@Suite struct LinearScanTests {
  private static let lengths = [1, 2, 0, 63, 64, 65, 200]

  /// The decay of each channel: from poles that forget at once to some that hardly do.
  private func poles(_ scan: ScanCase, _ channels: Int, in store: ParameterStore) -> ScanPoles {
    var numbers = TestNumbers(seed: 3)
    let decay = numbers.floats(channels).map { 4 * $0 - 3 }
    let frequency = numbers.floats(channels).map { 2 * $0 - 0.5 }
    return ScanPoles(
      decay: store.declare("decay", [channels], .values(decay)),
      frequency: scan.isComplex
        ? store.declare("frequency", [channels], .values(frequency)) : nil)
  }

  /// Output, and gradients of x, steps, decay and frequency, where all are used twice.
  private func run(
    _ kind: TestBackend, _ scan: ScanCase, lengths: [Int], channels: Int
  ) throws -> [[Float]] {
    let backend = try kind.make()
    let before = backend.bytesInUse
    var results: [[Float]] = []
    do {
      var numbers = TestNumbers(seed: UInt64(channels))
      let n = lengths.reduce(0, +)
      let store = ParameterStore(backend)
      let poles = poles(scan, channels, in: store)
      try store.allocate(seed: 0)
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let x = try backend.tensor(numbers.floats(n * poles.width), [n, poles.width])
      let sizes = numbers.floats(n * channels).map { abs($0) + 0.01 }
      let steps = scan.hasSteps ? try backend.tensor(sizes, [n, channels]) : nil
      let shape = try Self.shape(lengths, on: backend)
      func once() throws -> Tensor {
        try tape.linearScan(x, poles: poles, steps: steps, shape: shape)
      }
      let y = try tape.add(try once(), try once())
      let dy = try backend.tensor(numbers.floats(y.count), y.shape)
      try tape.backward(from: y, gradient: dy)
      let gradients = try ([x] + (steps.map { [$0] } ?? [])).map {
        try #require(tape.gradient(of: $0))
      }
      let parameters = [poles.decay.gradient] + (poles.frequency.map { [$0.gradient] } ?? [])
      results = try ([y] + gradients + parameters).map(backend.read)
    }
    #expect(backend.bytesInUse == before)
    return results
  }

  static func shape(_ lengths: [Int], on backend: Backend) throws -> RaggedShape {
    var offsets: [Int32] = [0]
    for length in lengths { offsets.append(offsets[offsets.count - 1] + Int32(length)) }
    return RaggedShape(offsets: try backend.indices(offsets), lengths: lengths)
  }

  @Test(arguments: TestBackend.onDevice, ScanCase.allCases)
  func deviceMatchesReference(_ kind: TestBackend, _ scan: ScanCase) throws {
    for channels in [1, 31, 32, 33, 64, 65] {
      for lengths in [Self.lengths, [3, 1], []] {
        let actual = try run(kind, scan, lengths: lengths, channels: channels)
        let expected = try run(.reference, scan, lengths: lengths, channels: channels)
        #expect(actual.count == expected.count)
        for (part, (a, b)) in zip(actual, expected).enumerated() {
          let error = largestError(a, b)
          let tolerance = scan.isComplex ? Tolerance.complexScan : Tolerance.recurrence
          #expect(error < tolerance, "part \(part), \(channels) channels, \(lengths)")
        }
      }
    }
  }

  /// A sequence's rows do not depend, to the bit, on the other sequences of the batch.
  @Test(arguments: TestBackend.allCases, ScanCase.allCases)
  func batchCompositionChangesNothing(_ kind: TestBackend, _ scan: ScanCase) throws {
    let backend = try kind.make()
    let (channels, length) = (33, 150)
    func output(before: Int, after: Int) throws -> ArraySlice<Float> {
      let store = ParameterStore(backend)
      let poles = poles(scan, channels, in: store)
      try store.allocate(seed: 0)
      var numbers = TestNumbers(seed: 9)
      let (own, sizes) = (numbers.floats(length * poles.width), numbers.floats(length * channels))
      let (ahead, behind) = (numbers.floats(before * 66), numbers.floats(after * 66))
      let n = before + length + after
      func rows(_ width: Int, _ own: [Float]) throws -> Tensor {
        try backend.tensor(
          Array(ahead.prefix(before * width)) + own + Array(behind.prefix(after * width)),
          [n, width])
      }
      let steps = scan.hasSteps ? try rows(channels, sizes.map { abs($0) + 0.1 }) : nil
      let tape = Tape(backend, mode: .inference)
      let y = try tape.linearScan(
        try rows(poles.width, own), poles: poles, steps: steps,
        shape: try Self.shape([before, length, after], on: backend))
      return try backend.read(y)[before * poles.width..<(before + length) * poles.width]
    }
    #expect(try Array(output(before: 0, after: 0)) == Array(output(before: 70, after: 400)))
  }

  /// Going on from the state of earlier events is, to the bit, the same as one pass. A GPU adds chunks of 64
  /// events, and one event more is the start of another chunk.
  @Test(arguments: [TestBackend.reference, .cpu8, .cpu16], ScanCase.allCases)
  func stepsAreThePass(_ kind: TestBackend, _ scan: ScanCase) throws {
    let (pass, steps) = try passAndSteps(kind, scan)
    #expect(pass == steps)
  }

  @Test(arguments: ScanCase.allCases) func stepsAreNearlyThePass(_ scan: ScanCase) throws {
    let (pass, steps) = try passAndSteps(.gpu, scan)
    #expect(largestError(pass, steps) < Tolerance.recurrence)
  }

  private func passAndSteps(_ kind: TestBackend, _ scan: ScanCase) throws -> ([Float], [Float]) {
    let backend = try kind.make()
    let (channels, count, length) = (20, 2, 130)
    let store = ParameterStore(backend)
    let poles = poles(scan, channels, in: store)
    try store.allocate(seed: 0)
    var numbers = TestNumbers(seed: 5)
    // Of each sequence, event after event.
    let x = (0..<count).map { _ in numbers.floats(length * poles.width) }
    let sizes = (0..<count).map { _ in numbers.floats(length * channels).map { abs($0) + 0.1 } }
    let tape = Tape(backend, mode: .inference)
    let whole = try tape.linearScan(
      try backend.tensor(x[0] + x[1], [count * length, poles.width]), poles: poles,
      steps: scan.hasSteps
        ? try backend.tensor(sizes[0] + sizes[1], [count * length, channels]) : nil,
      shape: try Self.shape([length, length], on: backend))
    var state: Tensor?
    for t in 0..<length {
      func events(_ rows: [[Float]], _ width: Int) throws -> Tensor {
        try backend.tensor(
          rows.flatMap { $0[t * width..<(t + 1) * width] }, [count, width])
      }
      state = try tape.linearScan(
        try events(x, poles.width), poles: poles,
        steps: scan.hasSteps ? try events(sizes, channels) : nil,
        shape: try Self.shape([1, 1], on: backend), initial: state)
    }
    let (all, width) = (try backend.read(whole), poles.width)
    let last = [length, 2 * length].flatMap { all[($0 - 1) * width..<$0 * width] }
    return (last, try backend.read(try #require(state)))
  }

  /// A pole of size .5 and a quarter turn: 1, then i / 2 …, all times √.75.
  @Test(arguments: TestBackend.allCases) func knownValues(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let poles = ScanPoles(
      decay: store.declare("decay", [1], .values([-0.36651292])),
      frequency: store.declare("frequency", [1], .values([0.45158271])))
    try store.allocate(seed: 0)
    let y = try Tape(backend, mode: .inference).linearScan(
      try backend.tensor([1, 0, 0, 0, 0, 0], [3, 2]), poles: poles,
      shape: try Self.shape([3], on: backend))
    let root = Float(0.75).squareRoot()
    let expected = [root, 0, 0, root / 2, -root / 4, 0]
    #expect(largestError(try backend.read(y), expected) < Tolerance.singleValues)
  }
}

@Suite struct LinearScanReferenceTests {
  /// Gradients of a weighted sum of h against central differences, plus a base of one.
  @Test(arguments: ScanCase.allCases) func centralDifferences(_ scan: ScanCase) {
    let (channels, offsets) = (3, HostArray<Int32>([0, 4, 4, 5, 11]))
    let (n, width) = (11, channels * scan.planes)
    var numbers = TestNumbers(seed: 8)
    let (x, dh) = (HostArray(numbers.doubles(n * width)), HostArray(numbers.doubles(n * width)))
    let steps = HostArray(numbers.doubles(n * channels).map { abs($0) + 0.1 })
    let (decay, frequency) = (
      HostArray(numbers.doubles(channels)), HostArray(numbers.doubles(channels))
    )
    let h = HostArray(count: n * width)
    let arrays = LinearScanReference.Arrays(
      x: x.buffer, steps: scan.hasSteps ? steps.buffer : nil, decay: decay.buffer,
      frequency: scan.isComplex ? frequency.buffer : nil, initial: nil, h: h.buffer,
      offsets: offsets.buffer)
    func loss() -> Double {
      LinearScanReference.forward(arrays)
      return zip(h.buffer, dh.buffer).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let expected = [x, steps, decay, frequency].map { $0.centralDifferences(loss) }
    _ = loss()
    func ones(_ array: HostArray<Double>) -> HostArray<Double> {
      HostArray([Double](repeating: 1, count: array.values.count))
    }
    let gradients = [x, steps, decay, frequency].map(ones)
    LinearScanReference.backward(
      arrays,
      LinearScanReference.Gradients(
        dh: dh.buffer, base: gradients[0].buffer, dx: gradients[0].buffer,
        stepsBase: scan.hasSteps ? gradients[1].buffer : nil,
        dsteps: scan.hasSteps ? gradients[1].buffer : nil, decay: gradients[2].buffer,
        frequency: scan.isComplex ? gradients[3].buffer : nil))
    for (actual, differences) in zip(gradients, expected) {
      let error = largestError(actual.values, differences.map { $0 + 1 })
      #expect(error < Tolerance.centralDifference)
    }
  }
}
