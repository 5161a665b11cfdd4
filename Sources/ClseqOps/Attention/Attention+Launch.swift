import ClseqRuntime

extension RaggedAttention {
  /// Attention of all queries: `out [N, H K]` and the logarithms of the softmax sums, `[N, H]`.
  ///
  /// - Throws: `OpenCLError` when a launch fails.
  func forward(
    _ inputs: AttentionInputs, out: Tensor, logsumexp: Tensor, dropped: DroppedPairs,
    on backend: Backend
  ) throws {
    if backend.isReference {
      AttentionReference.forward(
        .init(self), inputs.referenceRows, out: out.floats, logsumexp: logsumexp.floats)
      return
    }
    let form = AttentionForm(backend.tuning)
    try backend.launch(
      "attention_forward", in: form.forward, after: form.shared,
      options: options(backend.tuning), grid(rows: queries.maximumLength, backend.tuning),
      cost: KernelCost(bytes: Double(16 * out.count)), inputs, out, logsumexp, self, dropped)
  }

  /// The place of the bits that the forward pass keeps for the backward pass.
  ///
  /// - Throws: `OpenCLError` when memory runs out.
  func droppedPairs(on backend: Backend) throws -> DroppedPairs {
    guard key != nil, !backend.isReference, backend.tuning != .gpu else {
      return DroppedPairs(words: nil)
    }
    // A block of queries with a window sees up to `blockRows` keys more than the window, in words that
    // need not begin with it.
    let keyCount =
      mask.window.map { min(keys.maximumLength, $0 + Self.blockRows + 32) } ?? keys.maximumLength
    let wordCount = keyCount.dividedRoundingUp(by: 32)
    return DroppedPairs(
      words: try backend.empty([wordCount * heads, sequences.count]))
  }

  /// Gradients of queries, keys and values.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func backward(
    _ inputs: AttentionInputs, dout: Tensor, out: Tensor, logsumexp: Tensor,
    dropped: DroppedPairs, gradients: AttentionGradients, on backend: Backend
  ) throws {
    if backend.isReference {
      AttentionReference.backward(
        .init(self), inputs.referenceRows, dout: dout.floats, out: out.floats,
        logsumexp: logsumexp.floats, gradients: inputs.referenceRows(gradients))
      return
    }
    let form = AttentionForm(backend.tuning)
    let (tuning, count) = (backend.tuning, Double(out.count))
    // dout · out of each query and head.
    let delta = try backend.empty(logsumexp.shape)
    if isFused(tuning) {
      try backend.launch(
        "attention_backward_key", in: form.backwardKey, after: form.shared,
        options: options(tuning) + ["FUSED": 1], Grid(groups: (1, heads, sequenceCount)),
        cost: KernelCost(bytes: 32 * count), inputs, dout, out, logsumexp, delta, gradients.q,
        gradients.k, gradients.v, self, dropped)
      return
    }
    try backend.launch(
      "attention_backward_query", in: form.backwardQuery, after: form.shared,
      options: options(tuning), grid(rows: queries.maximumLength, tuning),
      cost: KernelCost(bytes: 24 * count), inputs, dout,
      out, logsumexp, delta, gradients.q, self, dropped)
    try backend.launch(
      "attention_backward_key", in: form.backwardKey, after: form.shared,
      options: options(tuning), grid(rows: keys.maximumLength, tuning),
      cost: KernelCost(bytes: 24 * count), inputs, dout,
      logsumexp, delta, gradients.k, gradients.v, self, dropped)
  }
}

/// The files of one tuning.
private struct AttentionForm {
  let (forward, backwardQuery, backwardKey): (StaticString, StaticString, StaticString)
  let shared: [StaticString]

  init(_ tuning: Tuning) {
    switch tuning {
    case .cpu:
      (forward, backwardQuery) = ("attention_forward_cpu", "attention_backward_query_cpu")
      (backwardKey, shared) = (
        "attention_backward_cpu", ["tile_cpu", "attention_tiles_cpu", "attention_dropout_cpu"]
      )
    case .gpu:
      (forward, backwardQuery) = ("attention_forward_gpu", "attention_backward_gpu")
      (backwardKey, shared) = ("attention_backward_gpu", ["attention_tiles_gpu"])
    }
  }
}

/// The last arguments of every kernel.
extension RaggedAttention: KernelArgument {
  func add(to arguments: inout KernelArguments) {
    arguments.add(queries.offsets, keys.offsets, sequences, 1 / Float(headWidth).squareRoot())
    arguments.add(dropout.threshold, dropout.scale)
    arguments.add(key?.key[0] ?? 0, key?.key[1] ?? 0, key?.epoch ?? 0)
  }
}

extension RaggedAttention {
  fileprivate func options(_ tuning: Tuning) -> KernelOptions {
    let form: KernelOptions = [
      "HEAD_WIDTH": headWidth, "CAUSAL": mask == .full ? 0 : 1, "WINDOW": mask.window ?? 0,
      "DROPOUT": key == nil ? 0 : 1,
    ]
    guard case .cpu(let vectorWidth) = tuning else { return form }
    // Sums in 12 or 16 registers.
    return form + [
      "TILE_ROWS": vectorWidth == 16 ? 16 : 6, "TILE_VECTORS": Self.blockRows / vectorWidth,
    ]
  }

  /// Rows of a block on a CPU, `LANES` of the kernels, which divides the 32 bits of a word.
  fileprivate static let blockRows = 16

  /// One work-group per block of rows: on a CPU `LANES`, on a GPU `BLOCK_ROWS`.
  fileprivate func grid(rows: Int, _ tuning: Tuning) -> Grid {
    switch tuning {
    case .cpu:
      return Grid(
        groups: (rows.dividedRoundingUp(by: Self.blockRows), heads, sequenceCount))
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
