import ClseqRuntime

extension TargetAttention {
  /// The scores s(n, m) of all candidates, `[N, window]`: column j is the event `j + 1` before the
  /// candidate; 0 where there is none. They say which events a prediction rests on.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  package func scores(on backend: Backend) throws -> Tensor {
    let scores = try backend.zeros([q.shape[0], window])
    try forward(into: try backend.empty(q.shape), scores: scores, on: backend)
    return scores
  }

  /// - Parameter scores: `[N, window]`, holding zeros.
  func forward(into out: Tensor, scores: Tensor?, on backend: Backend) throws {
    if backend.isReference {
      TargetAttentionReference.forward(reference, out: out.floats, scores: scores?.floats)
      return
    }
    let pairs = try TargetAttentionPairs(self, on: backend)
    for chunk in pairs.chunks {
      try pairs.score(chunk, keeping: false)
      try pairs.launch(
        "target_attention_forward", over: chunk.candidates, k, pairs.places, pairs.s, out,
        scores ?? out, Int32(scores?.shape[1] ?? 0), Int32(chunk.candidates.lowerBound))
    }
  }

  /// Adds to the parameters' gradients.
  ///
  /// - Parameter slots: places for the gradients of the inputs.
  func backward(dout: Tensor, _ slots: [Tape.GradientSlot], on backend: Backend) throws {
    let dproduct = try backend.gradient(of: product)
    let doutput = try backend.gradient(of: output)
    if backend.isReference {
      withExtendedLifetime((dproduct, doutput)) {
        TargetAttentionReference.backward(
          reference, dout: dout.floats, bases: slots.map { $0.addend?.floats },
          gradients: slots.map(\.out.floats), dproduct: dproduct.floats, doutput: doutput.floats)
      }
      return
    }
    for slot in slots { try backend.fillBase(of: slot) }
    let pairs = try TargetAttentionPairs(self, on: backend)
    let g = try backend.empty(pairs.s.shape)
    let outputTerms = try backend.empty(queryPart.shape)
    for chunk in pairs.chunks {
      let (first, end) = (chunk.candidates.lowerBound, chunk.candidates.upperBound)
      let firstEvent = max(0, first - reach)
      try pairs.score(chunk, keeping: true)
      try pairs.launch(
        "target_attention_backward", over: chunk.candidates, dout, k, output.value, pairs.places,
        pairs.hidden, g, slots[2].out, outputTerms, Int32(first))
      if chunk.pairCount == 0 { continue }
      try backend.matmul(
        pairs.hidden, pairs.x, into: dproduct,
        MatmulShape(m: hidden, n: width, k: chunk.pairCount, transposeA: true), base: dproduct)
      try backend.matmul(
        pairs.hidden, product.value, into: pairs.x,
        MatmulShape(m: chunk.pairCount, n: width, k: hidden))
      try pairs.launch(
        "target_attention_sums", over: firstEvent..<end, dout, q, k, pairs.places, pairs.ends,
        pairs.s, pairs.hidden, pairs.x, slots[0].out, slots[1].out, slots[3].out, Int32(reach),
        Int32(firstEvent), Int32(first), Int32(end))
    }
    try backend.addColumnSums(of: outputTerms, to: doutput)
  }

  private var reference: TargetAttentionReference.Problem<Float> {
    TargetAttentionReference.Problem(
      inputs: inputs.map(\.floats), product: product.value.floats, output: output.value.floats,
      lengths: shape.lengths, window: window)
  }

  /// All candidates, in chunks of at most `limit` pairs.
  fileprivate func chunks(limit: Int) -> [(candidates: Range<Int>, pairCount: Int)] {
    var chunks: [(candidates: Range<Int>, pairCount: Int)] = []
    var (first, n, pairCount) = (0, 0, 0)
    for time in shape.lengths.lazy.flatMap({ 0..<$0 }) {
      let pairs = min(time, window)
      if pairCount + pairs > limit {
        chunks.append((first..<n, pairCount))
        (first, pairCount) = (n, 0)
      }
      pairCount += pairs
      n += 1
    }
    return n == 0 ? [] : chunks + [(first..<n, pairCount)]
  }
}

/// The arrays of a chunk's pairs; see `target_attention.cl`.
private struct TargetAttentionPairs {
  let attention: TargetAttention
  let backend: Backend
  let (places, ends): (Indices, Indices)
  let (x, hidden, s): (Tensor, Tensor, Tensor)
  let chunks: [(candidates: Range<Int>, pairCount: Int)]
  /// P; on a CPU its transpose in panels, and the shape of a tile.
  let packed: Tensor
  let tile: KernelOptions

  init(_ attention: TargetAttention, on backend: Backend) throws {
    (self.attention, self.backend) = (attention, backend)
    let (count, shape) = (attention.q.shape[0], attention.shape)
    // As many for any lengths of so many events, for plans of memory.
    let limit = attention.pairLimit(backend.tuning)
    let rows = min(limit, count * attention.reach)
    chunks = attention.chunks(limit: limit)
    (places, ends) = (try backend.emptyIndices(count + 1), try backend.emptyIndices(count))
    x = try backend.empty([rows, attention.width])
    hidden = try backend.empty([rows, attention.hidden])
    s = try backend.empty([rows])
    let product = attention.product.value
    if case .cpu(let vectorWidth) = backend.tuning {
      // The sums of a tile that fit registers.
      tile = ["TILE_ROWS": vectorWidth == 16 ? 8 : 4, "TILE_VECTORS": 3]
      let panels = attention.hidden.dividedRoundingUp(by: 3 * vectorWidth)
      packed = try backend.empty([panels, attention.width, 3 * vectorWidth])
    } else {
      (tile, packed) = ([:], product)
    }
    try launch(
      "target_attention_prepare", over: 0..<1, shape.offsets, places, ends, product, packed,
      Int32(shape.sequenceCount), Int32(attention.reach))
  }

  /// The scores s and, for the backward pass, x and the hidden units.
  func score(_ chunk: (candidates: Range<Int>, pairCount: Int), keeping: Bool) throws {
    let first = Int32(chunk.candidates.lowerBound)
    if backend.tuning == .gpu {
      try launch(
        "target_attention_products", over: chunk.candidates, attention.q, attention.k, places, x,
        first)
      try backend.matmul(
        x, packed, into: hidden,
        MatmulShape(
          m: chunk.pairCount, n: attention.hidden, k: attention.width, transposeB: true))
    }
    try launch(
      "target_attention_scores", over: chunk.candidates, attention.q, attention.k,
      attention.queryPart, attention.keyPart, packed, attention.output.value, places, x, hidden, s,
      Int32(keeping ? 1 : 0), first)
  }

  /// A launch with a work-group for each row.
  func launch<each A: KernelArgument>(
    _ kernel: StaticString, over rows: Range<Int>, _ arguments: repeat each A
  ) throws {
    let isGPU = backend.tuning == .gpu
    try backend.launch(
      kernel, in: "target_attention",
      after: isGPU ? ["sigmoid"] : ["sigmoid", "tile_cpu", "target_attention_tile_cpu"],
      options: ["WIDTH": attention.width, "HIDDEN": attention.hidden] + tile,
      Grid(groups: (rows.count, 1, 1), size: (isGPU ? 64 : 1, 1, 1)), repeat each arguments)
  }
}
