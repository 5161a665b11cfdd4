import ClseqRuntime

extension Backend {
  /// Attention of all queries: `out [N, H K]` and the logarithms of the softmax sums, `[N, H]`.
  package func forward(
    _ attention: RaggedAttention, _ inputs: AttentionInputs, out: Tensor, logsumexp: Tensor
  ) throws {
    if isReference {
      CausalAttentionReference.forward(
        .init(attention), inputs.referenceRows, out: out.floats, logsumexp: logsumexp.floats)
      return
    }
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    let source = AttentionSource("causal_attention_forward", tuning)
    try launch(
      "causal_attention_forward", in: source.name, after: source.shared,
      options: attention.options, attention.grid(rows: attention.maximumQueries, tuning),
      cost: KernelCost(bytes: Double(16 * out.count)),
      q.tensor, Int32(q.column), Int32(q.stride), k.tensor, Int32(k.column), Int32(k.stride),
      v.tensor, Int32(v.column), Int32(v.stride), out, logsumexp, attention.queryOffsets,
      attention.keyOffsets, attention.sequences, attention.scale, attention.dropout.threshold,
      attention.dropout.scale, attention.words.0, attention.words.1, attention.epoch)
  }

  /// Gradients of queries, keys and values, laid out as their inputs. `bases` are added if `hasBase`.
  package func backward(
    _ attention: RaggedAttention, _ inputs: AttentionInputs, dout: Tensor, out: Tensor,
    logsumexp: Tensor, gradients: AttentionInputs, bases: AttentionInputs, hasBase: Int32
  ) throws {
    if isReference {
      CausalAttentionReference.backward(
        .init(attention), inputs.referenceRows, dout: dout.floats, out: out.floats,
        logsumexp: logsumexp.floats, gradients: gradients.referenceRows,
        bases: hasBase != 0 ? bases.referenceRows : nil)
      return
    }
    let delta = try empty(logsumexp.shape)
    let source = AttentionSource("causal_attention_backward", tuning)
    try launch(
      "causal_attention_delta", in: source.name, after: source.shared, options: attention.options,
      AttentionSource.deltaGrid(logsumexp, tuning), cost: KernelCost(bytes: Double(8 * out.count)),
      dout, out, delta, Int32(logsumexp.shape[0]), Int32(attention.heads))
    let kept = AttentionKept(dout: dout, logsumexp: logsumexp, delta: delta)
    if attention.isFused(tuning) {
      try fusedBackward(attention, inputs, kept, gradients, bases, hasBase)
    } else {
      try queryBackward(attention, inputs, kept, gradients, bases, hasBase)
      try keyBackward(attention, inputs, kept, gradients, bases, hasBase)
    }
  }

  private func fusedBackward(
    _ attention: RaggedAttention, _ inputs: AttentionInputs, _ kept: AttentionKept,
    _ gradients: AttentionInputs, _ bases: AttentionInputs, _ hasBase: Int32
  ) throws {
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    let source = AttentionSource("causal_attention_backward", tuning)
    try launch(
      "causal_attention_backward_key", in: source.name, after: source.shared,
      options: attention.options + ["-DFUSED=1"],
      Grid(groups: (1, attention.heads, attention.sequenceCount)),
      cost: KernelCost(bytes: Double(28 * kept.dout.count)),
      q.tensor, Int32(q.column), Int32(q.stride), k.tensor, Int32(k.column), Int32(k.stride),
      v.tensor, Int32(v.column), Int32(v.stride), kept.dout, kept.logsumexp, kept.delta,
      gradients.q.tensor, bases.q.tensor, gradients.k.tensor, bases.k.tensor, gradients.v.tensor,
      bases.v.tensor, hasBase, attention.queryOffsets, attention.keyOffsets, attention.sequences,
      attention.scale, attention.dropout.threshold, attention.dropout.scale, attention.words.0,
      attention.words.1, attention.epoch)
  }

  private func queryBackward(
    _ attention: RaggedAttention, _ inputs: AttentionInputs, _ kept: AttentionKept,
    _ gradients: AttentionInputs, _ bases: AttentionInputs, _ hasBase: Int32
  ) throws {
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    // A GPU finds both halves of the backward pass in one file.
    let source = AttentionSource(
      tuning == .gpu ? "causal_attention_backward" : "causal_attention_backward_query", tuning)
    try launch(
      "causal_attention_backward_query", in: source.name, after: source.shared,
      options: attention.options, attention.grid(rows: attention.maximumQueries, tuning),
      cost: KernelCost(bytes: Double(20 * kept.dout.count)),
      q.tensor, Int32(q.column), Int32(q.stride), k.tensor, Int32(k.column), Int32(k.stride),
      v.tensor, Int32(v.column), Int32(v.stride), kept.dout, kept.logsumexp, kept.delta,
      gradients.q.tensor, bases.q.tensor, hasBase, attention.queryOffsets, attention.keyOffsets,
      attention.sequences, attention.scale, attention.dropout.threshold, attention.dropout.scale,
      attention.words.0, attention.words.1, attention.epoch)
  }

  private func keyBackward(
    _ attention: RaggedAttention, _ inputs: AttentionInputs, _ kept: AttentionKept,
    _ gradients: AttentionInputs, _ bases: AttentionInputs, _ hasBase: Int32
  ) throws {
    let (q, k, v) = (inputs.q, inputs.k, inputs.v)
    let source = AttentionSource("causal_attention_backward", tuning)
    try launch(
      "causal_attention_backward_key", in: source.name, after: source.shared,
      options: attention.options, attention.grid(rows: attention.maximumKeys, tuning),
      cost: KernelCost(bytes: Double(24 * kept.dout.count)),
      q.tensor, Int32(q.column), Int32(q.stride), k.tensor, Int32(k.column), Int32(k.stride),
      v.tensor, Int32(v.column), Int32(v.stride), kept.dout, kept.logsumexp, kept.delta,
      gradients.k.tensor, bases.k.tensor, gradients.v.tensor, bases.v.tensor, hasBase,
      attention.queryOffsets, attention.keyOffsets, attention.sequences, attention.scale,
      attention.dropout.threshold, attention.dropout.scale, attention.words.0, attention.words.1,
      attention.epoch)
  }
}

/// What the backward kernels read beside their inputs.
private struct AttentionKept {
  let dout: Tensor
  let logsumexp: Tensor
  let delta: Tensor
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

  /// 64 rows a work-group on a CPU; one work-item a row and head on a GPU.
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
      "-DHEAD_WIDTH=\(headWidth)", "-DCAUSAL=\(causal ? 1 : 0)", "-DDROPOUT=\(key == nil ? 0 : 1)",
    ]
  }

  fileprivate var scale: Float { 1 / Float(headWidth).squareRoot() }
  fileprivate var words: (UInt32, UInt32) { key.map { ($0.key[0], $0.key[1]) } ?? (0, 0) }
  fileprivate var epoch: UInt32 { key?.epoch ?? 0 }

  /// A work-group a block of rows: two vectors of them on a CPU, 64 on a GPU.
  fileprivate func grid(rows: Int, _ tuning: Tuning) -> Grid {
    switch tuning {
    case .cpu(let vectorWidth):
      let lanes = 2 * vectorWidth
      return Grid(groups: ((rows + lanes - 1) / lanes, heads, sequenceCount))
    case .gpu:
      return Grid(groups: ((rows + 63) / 64, heads, sequenceCount), size: (128, 1, 1))
    }
  }

  /// Whether backward runs as one kernel with a work-group a sequence and head: less work, if there
  /// are enough of them to keep all cores busy. pocl hands out eight at a time.
  fileprivate func isFused(_ tuning: Tuning) -> Bool {
    tuning != .gpu && sequenceCount * heads >= 32
  }
}
