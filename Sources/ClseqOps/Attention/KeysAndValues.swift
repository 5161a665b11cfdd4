import ClseqRuntime

extension Backend {
  /// The keys and values of packed rows, without a gradient.
  ///
  /// - Parameter qkv: queries, keys and values side by side, `[N, 3 D]`.
  /// - Returns: `[N, 2 D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func keysAndValues(of qkv: Tensor) throws -> Tensor {
    precondition(
      qkv.shape.count == 2 && qkv.shape[1] % 3 == 0, "keysAndValues: qkv is \(qkv.shape)")
    let width = qkv.shape[1] / 3
    let kept = try empty([qkv.shape[0], 2 * width])
    try copyColumns(of: qkv, at: width, into: kept, at: 0, width: 2 * width)
    return kept
  }

  /// Copies a matrix into rows of a longer one.
  ///
  /// - Parameters:
  ///   - source: `[N, D]`.
  ///   - target: `[M, D]`.
  ///   - row: the first row of the target that is replaced.
  public func copy(_ source: Tensor, to target: Tensor, atRow row: Int) throws {
    precondition(
      source.shape.count == 2 && target.shape.count == 2 && source.shape[1] == target.shape[1]
        && source.elementType == target.elementType && row >= 0
        && row + source.shape[0] <= target.shape[0],
      "copy: \(source.shape) to \(target.shape) at row \(row)")
    if isCounting || source.count == 0 { return }
    let first = row * target.shape[1]
    if let from = source.storage.slice, let to = target.storage.slice, let context {
      try context.compute.copy(
        from, to: to, offset: first * target.elementType.byteCount,
        byteCount: source.count * source.elementType.byteCount)
    } else {
      UnsafeMutableBufferPointer(rebasing: target.floats[first..<first + source.count])
        .baseAddress!.update(from: source.floats.baseAddress!, count: source.count)
    }
  }
}

extension Tape {
  /// Scaled dot-product attention of queries to keys and values that lie elsewhere, in inference; see
  /// ``attention(q:k:v:queries:keys:sequences:heads:mask:dropout:key:)``.
  ///
  /// - Parameters:
  ///   - qkv: of which the queries are used, `[N, 3 D]`.
  ///   - keysAndValues: keys beside values, `[M, 2 D]`.
  ///   - queries: the sequences of the queries.
  ///   - keys: the sequences of keys and values, as many.
  ///   - sequences: dataset sequence of each query, `[N]`.
  ///   - heads: H, a divisor of D.
  ///   - mask: which keys a query sees.
  /// - Returns: `[N, D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func attention(
    _ qkv: Tensor, keysAndValues: Tensor, queries: RaggedShape, keys: RaggedShape,
    sequences: Indices, heads: Int, mask: AttentionMask
  ) throws -> Tensor {
    let width = qkv.shape[1] / 3
    precondition(
      !isTraining && qkv.shape.count == 2 && qkv.shape[1] == 3 * width && width % heads == 0
        && keysAndValues.shape.count == 2 && keysAndValues.shape[1] == 2 * width
        && sequences.count == qkv.shape[0] && queries.sequenceCount == keys.sequenceCount,
      "attention: qkv \(qkv.shape), keys and values \(keysAndValues.shape), \(heads) heads, "
        + "\(sequences.count) sequence indices, \(queries.sequenceCount) and \(keys.sequenceCount) "
        + "sequences")
    let attention = RaggedAttention(
      queries: queries, keys: keys, sequences: sequences, heads: heads, headWidth: width / heads,
      mask: mask, dropout: DropoutRate(0), key: nil)
    let inputs = AttentionInputs(
      q: AttentionRows(qkv, column: 0), k: AttentionRows(keysAndValues, column: 0),
      v: AttentionRows(keysAndValues, column: width))
    let out = try backend.empty([qkv.shape[0], width])
    let logsumexp = try backend.empty([qkv.shape[0], heads])
    try attention.forward(
      inputs, out: out, logsumexp: logsumexp, dropped: try attention.droppedPairs(on: backend),
      on: backend)
    return out
  }
}
