extension Tape {
  /// Scaled dot-product attention inside each sequence of a ragged batch, in several heads.
  ///
  /// `out[i] = Σ_j softmax_j(q[i] · k[j] / √K) v[j]`, for each head of width K = D / H. Scores are
  /// never stored; the backward pass computes them again from the logarithms of the softmax sums,
  /// `[N, H]`.
  ///
  /// Source: Vaswani et al., "Attention is all you need" (2017), equation 1; computed as by Dao et
  /// al., "FlashAttention" (2022).
  ///
  /// - Parameters:
  ///   - qkv: queries, keys and values side by side, `[N, 3 D]`.
  ///   - offsets: first event of each sequence, `[B + 1]`.
  ///   - sequences: dataset sequence of each event, `[N]`; dropout is keyed by it.
  ///   - maximumLength: length of the longest sequence, or more.
  ///   - heads: H, a divisor of D.
  ///   - mask: which events an event sees.
  ///   - dropout: probability of dropping a softmax weight.
  ///   - key: random numbers of the layer; nil turns dropout off.
  /// - Returns: `[N, D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func attention(
    _ qkv: Tensor, offsets: Indices, sequences: Indices, maximumLength: Int, heads: Int,
    mask: AttentionMask, dropout: Float, key: LayerKey?
  ) throws -> Tensor {
    let n = qkv.shape[0]
    precondition(
      qkv.shape.count == 2 && qkv.shape[1] % (3 * heads) == 0 && sequences.count == n,
      "attention: qkv \(qkv.shape), \(heads) heads, \(sequences.count) sequence indices")
    let width = qkv.shape[1] / 3
    let attention = RaggedAttention(
      queryOffsets: offsets, keyOffsets: offsets, sequences: sequences,
      maximumQueries: maximumLength, maximumKeys: maximumLength, heads: heads,
      headWidth: width / heads, mask: mask, dropout: DropoutRate(key == nil ? 0 : dropout),
      key: dropout > 0 ? key : nil)
    let out = try backend.empty([n, width])
    let logsumexp = try backend.empty([n, heads])
    try attention.forward(
      AttentionInputs(packed: qkv), out: out, logsumexp: logsumexp, on: backend)
    record { tape in
      guard let dout = tape.takeGradient(of: out) else { return }
      let slot = try tape.gradientSlot(of: qkv)
      try attention.backward(
        AttentionInputs(packed: qkv), dout: dout, out: out, logsumexp: logsumexp,
        gradients: AttentionInputs(packed: slot.out), bases: AttentionInputs(packed: slot.base),
        hasBase: slot.hasBase, on: tape.backend)
    }
    return out
  }
}

/// The sizes, offsets, mask and dropout of attention, apart from its arrays. Queries and keys have
/// their own offsets, so that one sequence can attend to another.
package struct RaggedAttention {
  /// First query of each sequence, `[B + 1]`.
  package var queryOffsets: Indices
  /// First key of each sequence, `[B + 1]`.
  package var keyOffsets: Indices
  /// Dataset sequence of each query.
  package var sequences: Indices
  /// Maximum number of queries of a sequence, or more.
  package var maximumQueries: Int
  /// Maximum number of keys of a sequence, or more.
  package var maximumKeys: Int
  package var heads: Int
  package var headWidth: Int
  /// Which keys a query sees.
  package var mask: AttentionMask
  package var dropout: DropoutRate
  /// Random numbers of the layer; nil turns dropout off.
  package var key: LayerKey?

  package init(
    queryOffsets: Indices, keyOffsets: Indices, sequences: Indices, maximumQueries: Int,
    maximumKeys: Int, heads: Int, headWidth: Int, mask: AttentionMask, dropout: DropoutRate,
    key: LayerKey?
  ) {
    self.queryOffsets = queryOffsets
    self.keyOffsets = keyOffsets
    self.sequences = sequences
    self.maximumQueries = maximumQueries
    self.maximumKeys = maximumKeys
    self.heads = heads
    self.headWidth = headWidth
    self.mask = mask
    self.dropout = dropout
    self.key = key
  }

  var sequenceCount: Int { queryOffsets.count - 1 }
}

/// Rows of queries, keys or values in an array: row n begins at `n * stride + column`.
package struct AttentionRows {
  let tensor: Tensor
  let column: Int
  let stride: Int

  package init(_ tensor: Tensor, column: Int) {
    self.tensor = tensor
    self.column = column
    stride = tensor.shape[1]
  }
}

/// Queries, keys and values, or their gradients.
package struct AttentionInputs {
  let q: AttentionRows
  let k: AttentionRows
  let v: AttentionRows

  /// Three arrays, or three places of one array.
  package init(q: AttentionRows, k: AttentionRows, v: AttentionRows) {
    self.q = q
    self.k = k
    self.v = v
  }

  /// Side by side in one array `[N, 3 D]`.
  init(packed: Tensor) {
    let width = packed.shape[1] / 3
    q = AttentionRows(packed, column: 0)
    k = AttentionRows(packed, column: width)
    v = AttentionRows(packed, column: 2 * width)
  }
}
