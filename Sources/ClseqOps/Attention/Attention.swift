import ClseqRuntime

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
  ///   - shape: the sequences.
  ///   - sequences: dataset sequence of each event, `[N]`; dropout is keyed by it.
  ///   - heads: H, a divisor of D.
  ///   - mask: which events an event sees.
  ///   - dropout: probability of dropping a softmax weight.
  ///   - key: random numbers of the layer; nil turns dropout off.
  /// - Returns: `[N, D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func attention(
    _ qkv: Tensor, shape: RaggedShape, sequences: Indices, heads: Int, mask: AttentionMask,
    dropout: Float, key: LayerKey?
  ) throws -> Tensor {
    precondition(
      qkv.shape.count == 2 && qkv.shape[1] % (3 * heads) == 0 && sequences.count == qkv.shape[0],
      "attention: qkv \(qkv.shape), \(heads) heads, \(sequences.count) sequence indices")
    let attention = RaggedAttention(
      queries: shape, keys: shape, sequences: sequences, heads: heads,
      headWidth: qkv.shape[1] / (3 * heads), mask: mask,
      dropout: DropoutRate(key == nil ? 0 : dropout), key: dropout > 0 ? key : nil)
    return try run(attention, AttentionInputs(packed: qkv), of: [qkv]) { slots in
      (slots[0], slots[0], slots[0])
    }
  }

  /// The same for queries and keys of their own: each sequence of queries attends to the sequence of
  /// keys with its number.
  ///
  /// - Parameters:
  ///   - q: `[N, D]`.
  ///   - k: `[M, D]`.
  ///   - v: `[M, D]`.
  ///   - queries: the sequences of q.
  ///   - keys: the sequences of k and v, as many.
  ///   - sequences: dataset sequence of each query, `[N]`; dropout is keyed by it.
  ///   - heads: H, a divisor of D.
  ///   - mask: which keys a query sees.
  ///   - dropout: probability of dropping a softmax weight.
  ///   - key: random numbers of the layer; nil turns dropout off.
  /// - Returns: `[N, D]`. A query that sees no key gets zeros.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func attention(
    q: Tensor, k: Tensor, v: Tensor, queries: RaggedShape, keys: RaggedShape, sequences: Indices,
    heads: Int, mask: AttentionMask, dropout: Float, key: LayerKey?
  ) throws -> Tensor {
    precondition(
      q.shape.count == 2 && k.shape == v.shape && k.shape.count == 2 && q.shape[1] == k.shape[1]
        && q.shape[1] % heads == 0 && sequences.count == q.shape[0]
        && queries.sequenceCount == keys.sequenceCount,
      "attention: q \(q.shape), k \(k.shape), v \(v.shape), \(heads) heads, \(sequences.count) "
        + "sequence indices, \(queries.sequenceCount) and \(keys.sequenceCount) sequences")
    let attention = RaggedAttention(
      queries: queries, keys: keys, sequences: sequences, heads: heads,
      headWidth: q.shape[1] / heads, mask: mask, dropout: DropoutRate(key == nil ? 0 : dropout),
      key: dropout > 0 ? key : nil)
    let inputs = AttentionInputs(
      q: AttentionRows(q, column: 0), k: AttentionRows(k, column: 0),
      v: AttentionRows(v, column: 0))
    return try run(attention, inputs, of: [q, k, v]) { ($0[0], $0[1], $0[2]) }
  }

  /// The same for keys and values side by side in one array.
  ///
  /// - Parameters:
  ///   - q: `[N, D]`.
  ///   - keysAndValues: `[M, 2 D]`.
  ///   - queries: the sequences of q.
  ///   - keys: the sequences of keys and values, as many.
  ///   - sequences: dataset sequence of each query, `[N]`; dropout is keyed by it.
  ///   - heads: H, a divisor of D.
  ///   - mask: which keys a query sees.
  ///   - dropout: probability of dropping a softmax weight.
  ///   - key: random numbers of the layer; nil turns dropout off.
  /// - Returns: `[N, D]`. A query that sees no key gets zeros.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func attention(
    q: Tensor, keysAndValues: Tensor, queries: RaggedShape, keys: RaggedShape, sequences: Indices,
    heads: Int, mask: AttentionMask, dropout: Float, key: LayerKey?
  ) throws -> Tensor {
    let width = q.shape[1]
    precondition(
      q.shape.count == 2 && keysAndValues.shape.count == 2 && keysAndValues.shape[1] == 2 * width
        && width % heads == 0 && sequences.count == q.shape[0]
        && queries.sequenceCount == keys.sequenceCount,
      "attention: q \(q.shape), keys and values \(keysAndValues.shape), \(heads) heads, "
        + "\(sequences.count) sequence indices, \(queries.sequenceCount) and "
        + "\(keys.sequenceCount) sequences")
    let attention = RaggedAttention(
      queries: queries, keys: keys, sequences: sequences, heads: heads, headWidth: width / heads,
      mask: mask, dropout: DropoutRate(key == nil ? 0 : dropout), key: dropout > 0 ? key : nil)
    let inputs = AttentionInputs(
      q: AttentionRows(q, column: 0), k: AttentionRows(keysAndValues, column: 0),
      v: AttentionRows(keysAndValues, column: width))
    return try run(attention, inputs, of: [q, keysAndValues]) { ($0[0], $0[1], $0[1]) }
  }

  /// - Parameters:
  ///   - tensors: those that get gradients.
  ///   - places: their places for the gradients of queries, keys and values.
  private func run(
    _ attention: RaggedAttention, _ inputs: AttentionInputs, of tensors: [Tensor],
    _ places: @escaping ([GradientSlot]) -> (q: GradientSlot, k: GradientSlot, v: GradientSlot)
  ) throws -> Tensor {
    let n = inputs.q.tensor.shape[0]
    let out = try backend.empty([n, attention.heads * attention.headWidth])
    let logsumexp = try backend.empty([n, attention.heads])
    let dropped = try attention.droppedPairs(on: backend)
    try attention.forward(
      inputs, out: out, logsumexp: logsumexp, dropped: dropped, on: backend)
    record(out) {
      [tensors = tensors.map(\.identity), inputs = try inputs.map(kept), out = try kept(out)]
      tape, dout in
      let (inputs, out) = (try inputs.map(tape.restored), try tape.restored(out))
      try tape.withGradientSlots(of: tensors) { slots in
        let slots = places(slots)
        try attention.backward(
          inputs, dout: dout, out: out, logsumexp: logsumexp, dropped: dropped,
          gradients: AttentionGradients(q: slots.q, k: slots.k, v: slots.v), on: tape.backend)
      }
    }
    return out
  }
}

/// The sizes, shapes, mask and dropout of attention, apart from its arrays. Queries and keys have
/// their own shapes, so that one sequence can attend to another.
struct RaggedAttention {
  let queries: RaggedShape
  let keys: RaggedShape
  /// Dataset sequence of each query.
  let sequences: Indices
  let heads: Int
  let headWidth: Int
  /// Which keys a query sees.
  let mask: AttentionMask
  let dropout: DropoutRate
  /// Random numbers of the layer; nil turns dropout off.
  let key: LayerKey?

  var sequenceCount: Int { queries.sequenceCount }
}

/// One bit per pair of query and key, whether dropout drops it, from the forward to the backward pass:
/// `[words, H, N]`, words of 32 keys. Only the kernels of a CPU have this argument, and only with
/// dropout.
struct DroppedPairs: KernelArgument {
  let words: Tensor?

  func add(to arguments: inout KernelArguments) {
    if let words { arguments.add(words) }
  }
}

/// Places for the gradients of queries, keys and values, which are laid out as the inputs.
struct AttentionGradients {
  let q: Tape.GradientSlot
  let k: Tape.GradientSlot
  let v: Tape.GradientSlot
}

/// Rows of queries, keys or values in an array: row n begins at `n * stride + column`.
struct AttentionRows: KernelArgument {
  var tensor: Tensor
  let column: Int
  let stride: Int

  init(_ tensor: Tensor, column: Int) {
    self.tensor = tensor
    self.column = column
    stride = tensor.shape[1]
  }

  func add(to arguments: inout KernelArguments) {
    arguments.add(tensor, Int32(column), Int32(stride))
  }
}

/// Queries, keys and values, or their gradients.
struct AttentionInputs: KernelArgument {
  private(set) var q: AttentionRows
  private(set) var k: AttentionRows
  private(set) var v: AttentionRows

  /// Three arrays, or three places of one array.
  init(q: AttentionRows, k: AttentionRows, v: AttentionRows) {
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

  /// The same places of other arrays; what is one array stays one.
  func map(_ body: (Tensor) throws -> Tensor) rethrows -> AttentionInputs {
    var inputs = self
    inputs.q.tensor = try body(q.tensor)
    inputs.k.tensor = k.tensor.id == q.tensor.id ? inputs.q.tensor : try body(k.tensor)
    inputs.v.tensor = v.tensor.id == k.tensor.id ? inputs.k.tensor : try body(v.tensor)
    return inputs
  }

  func add(to arguments: inout KernelArguments) { arguments.add(q, k, v) }
}
