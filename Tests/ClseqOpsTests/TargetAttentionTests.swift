import ClseqOps
import ClseqTestSupport
import Testing

/// Target attention of random inputs, run on a backend.
private struct TargetCase {
  let lengths: [Int]
  let d: Int
  let e: Int
  let window: Int
  /// Whether one tensor is query and key.
  var isSelf = false

  /// Output, then the gradients of q, k, their parts, P and w, where every input is used twice.
  func run(_ backend: Backend) throws -> [[Float]] {
    var numbers = TestNumbers(seed: UInt64(d * 1000 + e))
    let n = lengths.reduce(0, +)
    let store = ParameterStore(backend)
    let product = store.declare("product", [e, d], .values(numbers.floats(e * d).map { $0 / 4 }))
    let output = store.declare("output", [e], .values(numbers.floats(e)))
    try store.allocate(seed: 0)
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let inputs = try [d, d, e, e].map { try backend.tensor(numbers.floats(n * $0), [n, $0]) }
    let offsets = try backend.indices(cumulative(lengths))
    func once() throws -> Tensor {
      try tape.targetAttention(
        q: inputs[0], k: isSelf ? inputs[0] : inputs[1], queryPart: inputs[2], keyPart: inputs[3],
        product: product, output: output,
        shape: RaggedShape(offsets: offsets, maximumLength: lengths.max() ?? 0), window: window)
    }
    let out = try tape.add(try once(), try once())
    let dout = try backend.tensor(numbers.floats(n * d), [n, d])
    try tape.backward(from: out, gradient: dout)
    let gradients = try inputs.compactMap { try tape.gradient(of: $0).map(backend.read) }
    return try [backend.read(out)] + gradients
      + [backend.read(product.gradient), backend.read(output.gradient)]
  }
}

@Suite struct TargetAttentionTests {
  private static let lengths = [1, 2, 63, 64, 65, 200]

  /// Results of the reference, which is slow, computed once for all forms of the kernels.
  private func compare(_ this: TargetCase) throws {
    let expected = try this.run(try TestBackend.reference.make())
    for kind in TestBackend.onDevice {
      let backend = try kind.make()
      let before = backend.bytesInUse
      let actual = try this.run(backend)
      #expect(actual.count == expected.count)
      // In order: the output, and gradients of the inputs and the parameters.
      for (index, pair) in zip(actual, expected).enumerated() {
        let error = largestError(pair.0, pair.1)
        #expect(
          error < Tolerance.targetAttention, "\(kind), array \(index), D \(this.d), E \(this.e)")
      }
      #expect(backend.bytesInUse == before)
    }
  }

  @Test(arguments: [(1, 1), (31, 36), (32, 33), (33, 5), (64, 31), (65, 64), (16, 80)])
  func deviceMatchesReference(shape: (d: Int, e: Int)) throws {
    try compare(TargetCase(lengths: Self.lengths, d: shape.d, e: shape.e, window: 20))
  }

  @Test func wholeHistories() throws {
    try compare(TargetCase(lengths: [40, 0, 75, 1], d: 9, e: 12, window: 100))
    try compare(TargetCase(lengths: [40, 0, 75, 1], d: 9, e: 12, window: 1))
  }

  /// More sequences than the parameters' gradients have blocks.
  @Test func manySequences() throws {
    try compare(TargetCase(lengths: (0..<300).map { $0 % 7 }, d: 5, e: 6, window: 4))
  }

  /// A tensor that is query and key gets the sum of both gradients.
  @Test func queriesThatAreKeys() throws {
    var this = TargetCase(lengths: [3, 40], d: 9, e: 12, window: 50)
    this.isSelf = true
    try compare(this)
  }

  /// A sequence's rows do not depend, to the bit, on the other sequences of the batch.
  @Test(arguments: TestBackend.allCases)
  func batchCompositionChangesNothing(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let (d, e, length) = (33, 20, 30)
    var numbers = TestNumbers(seed: 3)
    let own = [d, d, e, e].map { numbers.floats(length * $0) }
    let parameters = (numbers.floats(d * e), numbers.floats(e))
    func run(_ before: Int, _ after: Int) throws -> [[Float]] {
      let store = ParameterStore(backend)
      let product = store.declare("product", [e, d], .values(parameters.0))
      let output = store.declare("output", [e], .values(parameters.1))
      try store.allocate(seed: 0)
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let inputs = try zip([d, d, e, e], own).map { width, values in
        try backend.tensor(
          numbers.floats(before * width) + values + numbers.floats(after * width),
          [before + length + after, width])
      }
      let out = try tape.targetAttention(
        q: inputs[0], k: inputs[1], queryPart: inputs[2], keyPart: inputs[3], product: product,
        output: output,
        shape: RaggedShape(
          offsets: try backend.indices(cumulative([before, length, after])),
          maximumLength: max(before, length, after)), window: 25)
      try tape.backward(from: out)
      let arrays = try [out] + inputs.map { try #require(tape.gradient(of: $0)) }
      return try arrays.map { array in
        let width = array.shape[1]
        return Array(try backend.read(array)[before * width..<(before + length) * width])
      }
    }
    #expect(try run(0, 0) == run(70, 3))
  }

  @Test(arguments: TestBackend.allCases)
  func goldens(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let golden = try GoldenArrays("supervised.safetensors")
    func name(_ array: String) -> String { "targetAttention.\(array)" }
    func tensor(_ array: String) throws -> Tensor {
      try backend.tensor(golden[name(array)], golden.shape(name(array)))
    }
    let store = ParameterStore(backend)
    let product = store.declare("product", [5, 3], .values(golden[name("product")]))
    let output = store.declare("output", [5], .values(golden[name("output")]))
    try store.allocate(seed: 0)
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let inputs = try ["q", "k", "queryPart", "keyPart"].map { (name: $0, tensor: try tensor($0)) }
    let out = try tape.targetAttention(
      q: inputs[0].tensor, k: inputs[1].tensor, queryPart: inputs[2].tensor,
      keyPart: inputs[3].tensor, product: product, output: output,
      shape: RaggedShape(offsets: try backend.indices([0, 1, 5, 11]), maximumLength: 6), window: 4)
    try tape.backward(
      from: out, gradient: try tensor("weights"))
    #expect(largestError(try backend.read(out), golden[name("out")]) < Tolerance.sums)
    let gradients = try inputs.map { ($0.name, try #require(tape.gradient(of: $0.tensor))) }
    let all = gradients + [("product", product.gradient), ("output", output.gradient)]
    for (array, gradient) in all {
      let expected = golden[name("\(array).gradient")]
      #expect(largestError(try backend.read(gradient), expected) < Tolerance.sums, "\(array)")
    }
  }

  /// The output is the sum of the keys, weighted by these scores.
  @Test(arguments: TestBackend.allCases)
  func scoresExplainTheOutput(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let (n, d, e, window) = (40, 5, 6, 33)
    var numbers = TestNumbers(seed: 12)
    let arrays = [[n, d], [n, d], [n, e], [n, e], [e, d], [e]].map { shape in
      (shape, numbers.floats(shape.reduce(1, *)))
    }
    let tensors = try arrays.map { try backend.tensor($1, $0) }
    let offsets = try backend.indices([0, 4, 40])
    let attention = TargetAttention(
      q: tensors[0], k: tensors[1], queryPart: tensors[2], keyPart: tensors[3],
      product: tensors[4], output: tensors[5],
      shape: RaggedShape(offsets: offsets, maximumLength: 36), window: window)
    let scores = try backend.read(try attention.scores(on: backend))
    let store = ParameterStore(backend)
    let product = store.declare("product", [e, d], .values(arrays[4].1))
    let output = store.declare("output", [e], .values(arrays[5].1))
    try store.allocate(seed: 0)
    let out = try Tape(backend, mode: .inference).targetAttention(
      q: tensors[0], k: tensors[1], queryPart: tensors[2], keyPart: tensors[3], product: product,
      output: output, shape: RaggedShape(offsets: offsets, maximumLength: 36), window: window)
    var expected = [Float](repeating: 0, count: n * d)
    for row in 0..<n {
      for lag in 1...window {
        let score = scores[row * window + lag - 1]
        let exists = lag <= (row < 4 ? row : row - 4)
        #expect(exists || score == 0)
        if exists {
          for c in 0..<d { expected[row * d + c] += score * arrays[1].1[(row - lag) * d + c] }
        }
      }
    }
    #expect(largestError(try backend.read(out), expected) < Tolerance.sums)
  }

  @Test func referenceGradientsAreCentralDifferences() {
    let (n, d, e) = (7, 2, 3)
    var numbers = TestNumbers(seed: 4)
    let inputs = [d, d, e, e].map { HostArray(numbers.doubles(n * $0)) }
    let (product, output) = (HostArray(numbers.doubles(e * d)), HostArray(numbers.doubles(e)))
    let dout = HostArray(numbers.doubles(n * d))
    let out = HostArray(count: n * d)
    let problem = TargetAttentionReference.Problem(
      inputs: inputs.map(\.buffer), product: product.buffer, output: output.buffer,
      offsets: [0, 1, 1, 7], window: 3)
    func loss() -> Double {
      TargetAttentionReference.forward(problem, out: out.buffer, scores: nil)
      return zip(out.buffer, dout.buffer).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let gradients = inputs.map { HostArray(count: $0.buffer.count) }
    let (dproduct, doutput) = (HostArray(count: e * d), HostArray(count: e))
    TargetAttentionReference.backward(
      problem, dout: dout.buffer, bases: [nil, nil, nil, nil], gradients: gradients.map(\.buffer),
      dproduct: dproduct.buffer, doutput: doutput.buffer)
    for (array, gradient) in zip(
      inputs + [product, output], gradients + [dproduct, doutput])
    {
      let expected = array.centralDifferences(loss)
      #expect(largestError(gradient.values, expected) < Tolerance.centralDifference)
    }
  }
}
