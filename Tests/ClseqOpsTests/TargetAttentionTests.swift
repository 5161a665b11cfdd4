import ClseqOps
import ClseqTestSupport
import Testing

/// Target attention of random inputs, unless others are set.
private struct TargetCase {
  let lengths: [Int]
  let d: Int
  let e: Int
  let window: Int
  /// q, k and their parts of the hidden layer.
  var inputs: [[Float]]
  var (product, output): ([Float], [Float])
  var dout: [Float]
  /// Whether one tensor is query and key.
  var isSelf = false
  /// How often every input is used.
  var uses = 1

  init(_ lengths: [Int], d: Int, e: Int, window: Int, seed: UInt64 = 1) {
    (self.lengths, self.d, self.e, self.window) = (lengths, d, e, window)
    var numbers = TestNumbers(seed: seed)
    let n = lengths.reduce(0, +)
    inputs = [d, d, e, e].map { numbers.floats(n * $0) }
    (product, output) = (numbers.floats(e * d).map { $0 / 4 }, numbers.floats(e))
    dout = numbers.floats(n * d)
  }

  func attention(
    in store: ParameterStore, on backend: Backend, chunkLimit: Int? = nil
  ) throws -> TargetAttention {
    let parameters = [
      store.declare("product", [e, d], .values(product)),
      store.declare("output", [e], .values(output)),
    ]
    try store.allocate(seed: 0)
    let n = lengths.reduce(0, +)
    let tensors = try zip([d, d, e, e], inputs).map { try backend.tensor($1, [n, $0]) }
    return TargetAttention(
      q: tensors[0], k: tensors[isSelf ? 0 : 1], queryPart: tensors[2], keyPart: tensors[3],
      product: parameters[0], output: parameters[1],
      shape: RaggedShape(offsets: try backend.indices(cumulative(lengths)), lengths: lengths),
      window: window, chunkLimit: chunkLimit)
  }

  /// Output, then the gradients of q, k, their parts, P and w.
  func run(_ backend: Backend, chunkLimit: Int? = nil) throws -> [[Float]] {
    let store = ParameterStore(backend)
    let attention = try attention(in: store, on: backend, chunkLimit: chunkLimit)
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    var out = try tape.targetAttention(attention)
    for _ in 1..<uses { out = try tape.add(out, try tape.targetAttention(attention)) }
    try tape.backward(from: out, gradient: try backend.tensor(dout, out.shape))
    let gradients = try attention.inputs.map { try #require(tape.gradient(of: $0)) }
    let all = [out] + gradients + [attention.product.gradient, attention.output.gradient]
    return try all.map(backend.read)
  }
}

@Suite struct TargetAttentionTests {
  /// Results of the reference, which is slow, computed once for all forms of the kernels, whose
  /// results do not depend on the division of the pairs but in the gradients of P.
  private func compare(_ this: TargetCase) throws {
    var this = this
    this.uses = 2
    let expected = try this.run(try TestBackend.reference.make())
    for kind in TestBackend.onDevice {
      let backend = try kind.make()
      let before = backend.bytesInUse
      let (actual, whole) = (try this.run(backend, chunkLimit: 100), try this.run(backend))
      for (index, pair) in zip(actual, expected).enumerated() {
        let error = largestError(pair.0, pair.1)
        #expect(
          error < Tolerance.targetAttention, "\(kind), array \(index), D \(this.d), E \(this.e)")
        if index != 5 { #expect(pair.0 == whole[index], "\(kind), array \(index)") }
      }
      #expect(largestError(whole[5], expected[5]) < Tolerance.targetAttention)
      #expect(backend.bytesInUse == before)
    }
  }

  @Test(arguments: [(1, 1), (31, 36), (32, 33), (33, 5), (64, 31), (65, 64), (16, 80)])
  func deviceMatchesReference(shape: (d: Int, e: Int)) throws {
    try compare(TargetCase([1, 2, 63, 64, 65, 200], d: shape.d, e: shape.e, window: 20))
  }

  @Test(arguments: [1, 100]) func wholeHistories(window: Int) throws {
    try compare(TargetCase([40, 0, 75, 1], d: 9, e: 12, window: window))
  }

  /// More sequences than a work-group has items.
  @Test func manySequences() throws {
    try compare(TargetCase((0..<300).map { $0 % 7 }, d: 5, e: 6, window: 4))
  }

  @Test(arguments: TestBackend.allCases)
  func candidatesWithoutEvents(_ kind: TestBackend) throws {
    let results = try TargetCase([1, 0, 1], d: 5, e: 6, window: 4).run(try kind.make())
    #expect(results.allSatisfy { $0.allSatisfy { $0 == 0 } })
  }

  /// A tensor that is query and key gets the sum of both gradients.
  @Test func queriesThatAreKeys() throws {
    var this = TargetCase([3, 40], d: 9, e: 12, window: 50)
    this.isSelf = true
    try compare(this)
  }

  /// A sequence's rows do not depend, to the bit, on the other sequences of the batch.
  @Test(arguments: TestBackend.allCases)
  func batchCompositionChangesNothing(_ kind: TestBackend) throws {
    let own = TargetCase([30], d: 33, e: 20, window: 25)
    func run(_ before: Int, _ after: Int) throws -> [[Float]] {
      var this = TargetCase([before, 30, after], d: own.d, e: own.e, window: own.window, seed: 2)
      let widths = [own.d, own.d, own.e, own.e]
      func replace(_ values: inout [Float], _ rows: [Float], _ width: Int) {
        values.replaceSubrange(before * width..<(before + 30) * width, with: rows)
      }
      for (place, width) in widths.enumerated() {
        replace(&this.inputs[place], own.inputs[place], width)
      }
      replace(&this.dout, own.dout, own.d)
      (this.product, this.output) = (own.product, own.output)
      let results = try this.run(try kind.make(), chunkLimit: 500)
      return zip(results, [own.d] + widths).map { array, width in
        Array(array[before * width..<(before + 30) * width])
      }
    }
    #expect(try run(0, 0) == run(70, 3))
  }

  @Test(arguments: TestBackend.allCases)
  func goldens(_ kind: TestBackend) throws {
    let golden = try GoldenArrays("supervised.safetensors")
    func array(_ name: String) -> [Float] { golden["targetAttention.\(name)"] }
    let names = ["q", "k", "queryPart", "keyPart"]
    var this = TargetCase([1, 4, 6], d: 3, e: 5, window: 4)
    this.inputs = names.map(array)
    (this.product, this.output, this.dout) = (array("product"), array("output"), array("weights"))
    let results = try this.run(try kind.make())
    let expected = ["out"] + (names + ["product", "output"]).map { "\($0).gradient" }
    for (result, name) in zip(results, expected) {
      #expect(largestError(result, array(name)) < Tolerance.sums, "\(name)")
    }
  }

  /// The output is the sum of the keys, weighted by these scores.
  @Test(arguments: TestBackend.allCases)
  func scoresExplainTheOutput(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let this = TargetCase([4, 36], d: 5, e: 6, window: 33)
    let scores = try backend.read(
      try this.attention(in: ParameterStore(backend), on: backend).scores(on: backend))
    var expected = [Float](repeating: 0, count: 40 * 5)
    for row in 0..<40 {
      for lag in 1...33 {
        let score = scores[row * 33 + lag - 1]
        let exists = lag <= (row < 4 ? row : row - 4)
        #expect(exists || score == 0)
        if exists {
          for c in 0..<5 { expected[row * 5 + c] += score * this.inputs[1][(row - lag) * 5 + c] }
        }
      }
    }
    #expect(largestError(try this.run(backend)[0], expected) < Tolerance.sums)
  }

  @Test func referenceGradientsAreCentralDifferences() {
    let (n, d, e) = (7, 2, 3)
    var numbers = TestNumbers(seed: 4)
    let arrays = [n * d, n * d, n * e, n * e, e * d, e].map { HostArray(numbers.doubles($0)) }
    let (dout, out) = (HostArray(numbers.doubles(n * d)), HostArray(count: n * d))
    let problem = TargetAttentionReference.Problem(
      inputs: arrays[..<4].map(\.buffer), product: arrays[4].buffer, output: arrays[5].buffer,
      lengths: [1, 0, 6], window: 3)
    func loss() -> Double {
      TargetAttentionReference.forward(problem, out: out.buffer, scores: nil)
      return zip(out.buffer, dout.buffer).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let gradients = arrays.map { HostArray(count: $0.buffer.count) }
    TargetAttentionReference.backward(
      problem, dout: dout.buffer, bases: [nil, nil, nil, nil],
      gradients: gradients[..<4].map(\.buffer), dproduct: gradients[4].buffer,
      doutput: gradients[5].buffer)
    for (array, gradient) in zip(arrays, gradients) {
      let expected = array.centralDifferences(loss)
      #expect(largestError(gradient.values, expected) < Tolerance.centralDifference)
    }
  }
}
