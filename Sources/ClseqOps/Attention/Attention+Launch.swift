import ClseqRuntime

extension RaggedAttention {
  /// Attention of all queries: `out [N, H K]` and the logarithms of the softmax sums, `[N, H]`.
  ///
  /// - Throws: `OpenCLError` when a launch fails.
  package func forward(
    _ inputs: AttentionInputs, out: Tensor, logsumexp: Tensor, on backend: Backend
  ) throws {
    if backend.isReference {
      AttentionReference.forward(
        .init(self), inputs.referenceRows, out: out.floats, logsumexp: logsumexp.floats)
      return
    }
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    let source = AttentionSource("attention_forward", backend.tuning)
    try backend.launch(
      "attention_forward", in: source.name, after: source.shared,
      options: options, grid(rows: maximumQueries, backend.tuning),
      cost: KernelCost(bytes: Double(16 * out.count)),
      q.tensor, Int32(q.column), Int32(q.stride), k.tensor, Int32(k.column), Int32(k.stride),
      v.tensor, Int32(v.column), Int32(v.stride), out, logsumexp, queryOffsets, keyOffsets,
      sequences, scale, dropout.threshold, dropout.scale, words.0, words.1, epoch)
  }

  /// Gradients of queries, keys and values, laid out as their inputs. `bases` are added if
  /// `hasBase` is not 0.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  package func backward(
    _ inputs: AttentionInputs, dout: Tensor, out: Tensor, logsumexp: Tensor,
    gradients: AttentionInputs, bases: AttentionInputs, hasBase: Int32, on backend: Backend
  ) throws {
    if backend.isReference {
      AttentionReference.backward(
        .init(self), inputs.referenceRows, dout: dout.floats, out: out.floats,
        logsumexp: logsumexp.floats, gradients: gradients.referenceRows,
        bases: hasBase != 0 ? bases.referenceRows : nil)
      return
    }
    let delta = try backend.empty(logsumexp.shape)
    let source = AttentionSource("attention_backward", backend.tuning)
    try backend.launch(
      "attention_delta", in: source.name, after: source.shared, options: options,
      AttentionSource.deltaGrid(logsumexp, backend.tuning),
      cost: KernelCost(bytes: Double(8 * out.count)), dout, out, delta,
      Int32(logsumexp.shape[0]), Int32(heads))
    let arrays = BackwardArrays(
      dout: dout, logsumexp: logsumexp, delta: delta, gradients: gradients, bases: bases,
      hasBase: hasBase)
    if isFused(backend.tuning) {
      try fusedBackward(inputs, arrays, on: backend)
    } else {
      try queryBackward(inputs, arrays, on: backend)
      try keyBackward(inputs, arrays, on: backend)
    }
  }

  private func fusedBackward(
    _ inputs: AttentionInputs, _ arrays: BackwardArrays, on backend: Backend
  ) throws {
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    let (gradients, bases) = (arrays.gradients, arrays.bases)
    let source = AttentionSource("attention_backward", backend.tuning)
    try backend.launch(
      "attention_backward_key", in: source.name, after: source.shared,
      options: options + ["-DFUSED=1"], Grid(groups: (1, heads, sequenceCount)),
      cost: KernelCost(bytes: Double(28 * arrays.dout.count)),
      q.tensor, Int32(q.column), Int32(q.stride), k.tensor, Int32(k.column), Int32(k.stride),
      v.tensor, Int32(v.column), Int32(v.stride), arrays.dout, arrays.logsumexp, arrays.delta,
      gradients.q.tensor, bases.q.tensor, gradients.k.tensor, bases.k.tensor, gradients.v.tensor,
      bases.v.tensor, arrays.hasBase, queryOffsets, keyOffsets, sequences, scale,
      dropout.threshold, dropout.scale, words.0, words.1, epoch)
  }

  private func queryBackward(
    _ inputs: AttentionInputs, _ arrays: BackwardArrays, on backend: Backend
  ) throws {
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    let (gradients, bases) = (arrays.gradients, arrays.bases)
    // The GPU form has both halves of the backward pass in one file.
    let source = AttentionSource(
      backend.tuning == .gpu ? "attention_backward" : "attention_backward_query", backend.tuning)
    try backend.launch(
      "attention_backward_query", in: source.name, after: source.shared,
      options: options, grid(rows: maximumQueries, backend.tuning),
      cost: KernelCost(bytes: Double(20 * arrays.dout.count)),
      q.tensor, Int32(q.column), Int32(q.stride), k.tensor, Int32(k.column), Int32(k.stride),
      v.tensor, Int32(v.column), Int32(v.stride), arrays.dout, arrays.logsumexp, arrays.delta,
      gradients.q.tensor, bases.q.tensor, arrays.hasBase, queryOffsets, keyOffsets, sequences,
      scale, dropout.threshold, dropout.scale, words.0, words.1, epoch)
  }

  private func keyBackward(
    _ inputs: AttentionInputs, _ arrays: BackwardArrays, on backend: Backend
  ) throws {
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    let (gradients, bases) = (arrays.gradients, arrays.bases)
    let source = AttentionSource("attention_backward", backend.tuning)
    try backend.launch(
      "attention_backward_key", in: source.name, after: source.shared,
      options: options, grid(rows: maximumKeys, backend.tuning),
      cost: KernelCost(bytes: Double(24 * arrays.dout.count)),
      q.tensor, Int32(q.column), Int32(q.stride), k.tensor, Int32(k.column), Int32(k.stride),
      v.tensor, Int32(v.column), Int32(v.stride), arrays.dout, arrays.logsumexp, arrays.delta,
      gradients.k.tensor, bases.k.tensor, gradients.v.tensor, bases.v.tensor, arrays.hasBase,
      queryOffsets, keyOffsets, sequences, scale, dropout.threshold, dropout.scale, words.0,
      words.1, epoch)
  }
}

/// Arrays of the backward kernels beside the inputs.
private struct BackwardArrays {
  let dout: Tensor
  let logsumexp: Tensor
  /// `dout · out` of each query and head, `[N, H]`.
  let delta: Tensor
  let gradients: AttentionInputs
  let bases: AttentionInputs
  let hasBase: Int32
}

/// The files of a kernel in one tuning.
private struct AttentionSource {
  let name: String
  let shared: [String]

  init(_ kernel: String, _ tuning: Tuning) {
    switch tuning {
    case .cpu:
      name = kernel + "_cpu"
      shared = ["attention_tiles_cpu", "attention_dropout_cpu"]
    case .gpu:
      name = kernel + "_gpu"
      shared = ["attention_tiles_gpu"]
    }
  }

  /// 64 rows per work-group on a CPU; one work-item per row and head on a GPU.
  static func deltaGrid(_ delta: Tensor, _ tuning: Tuning) -> Grid {
    switch tuning {
    case .cpu: Grid(groups: (delta.shape[0] + 63) / 64)
    case .gpu: Grid(groups: (delta.count + 127) / 128, size: 128)
    }
  }
}

extension RaggedAttention {
  fileprivate var options: [String] {
    [
      "-DHEAD_WIDTH=\(headWidth)", "-DCAUSAL=\(mask == .causal ? 1 : 0)",
      "-DDROPOUT=\(key == nil ? 0 : 1)",
    ]
  }

  fileprivate var scale: Float { 1 / Float(headWidth).squareRoot() }
  fileprivate var words: (UInt32, UInt32) { key.map { ($0.key[0], $0.key[1]) } ?? (0, 0) }
  fileprivate var epoch: UInt32 { key?.epoch ?? 0 }

  /// One work-group per block of rows: two vectors of rows on a CPU; on a GPU `BLOCK_ROWS`.
  fileprivate func grid(rows: Int, _ tuning: Tuning) -> Grid {
    switch tuning {
    case .cpu(let vectorWidth):
      let lanes = 2 * vectorWidth
      return Grid(groups: ((rows + lanes - 1) / lanes, heads, sequenceCount))
    case .gpu:
      let blockRows = headWidth > 64 ? 16 : headWidth > 32 ? 32 : 64
      return Grid(
        groups: (rows.dividedRoundingUp(by: blockRows), heads, sequenceCount), size: (128, 1, 1))
    }
  }

  /// Whether the backward pass is one kernel with one work-group per sequence and head: less work,
  /// if there are enough work-groups to keep all cores busy. pocl hands out eight at a time.
  fileprivate func isFused(_ tuning: Tuning) -> Bool {
    tuning != .gpu && sequenceCount * heads >= 32
  }
}
