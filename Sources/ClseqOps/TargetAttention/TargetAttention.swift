extension Tape {
  /// Attention of each event, as a candidate, to the events before it, by a small network and
  /// without softmax:
  ///
  /// `out[n] = Σ_m s(n, m) k[m]`, `s(n, m) = w · sigmoid(A[n] + B[m] + P (q[n] ⊙ k[m]))`, over at
  /// most `window` events m before n in its sequence. An event without any gets 0.
  ///
  /// `A = W_q q + b` and `B = W_k k` come from linear layers, so that together with P the hidden
  /// layer sees query, key and their product. Nothing is stored per pair of events: the backward
  /// pass computes the scores again.
  ///
  /// Source: Zhou et al., "Deep interest network for click-through rate prediction", KDD 2018,
  /// equation 3 and figure 2, with a sigmoid in place of Dice.
  ///
  /// - Parameters:
  ///   - q: candidates, `[N, D]`.
  ///   - k: events, `[N, D]`.
  ///   - queryPart: A, `[N, E]`, E at most 256.
  ///   - keyPart: B, `[N, E]`.
  ///   - product: P, `[E, D]`.
  ///   - output: w, `[E]`.
  ///   - shape: the sequences.
  ///   - window: maximum number of events that a candidate sees; `maximumLength` shows it all
  ///     events before it.
  /// - Returns: `[N, D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func targetAttention(
    q: Tensor, k: Tensor, queryPart: Tensor, keyPart: Tensor, product: Parameter,
    output: Parameter, shape: RaggedShape, window: Int
  ) throws -> Tensor {
    let attention = TargetAttention(
      q: q, k: k, queryPart: queryPart, keyPart: keyPart, product: product.value,
      output: output.value, shape: shape, window: window)
    let out = try backend.empty(q.shape)
    try attention.forward(into: out, scores: nil, on: backend)
    record { tape in
      guard let dout = tape.takeGradient(of: out) else { return }
      try tape.withGradientSlots(of: [q, k, queryPart, keyPart]) { slots in
        try attention.backward(
          dout: dout, slots, product: try tape.backend.gradient(of: product),
          output: try tape.backend.gradient(of: output), on: tape.backend)
      }
    }
    return out
  }
}

/// The arrays and sizes of target attention.
package struct TargetAttention {
  let q: Tensor
  let k: Tensor
  let queryPart: Tensor
  let keyPart: Tensor
  let product: Tensor
  let output: Tensor
  let shape: RaggedShape
  let window: Int

  package init(
    q: Tensor, k: Tensor, queryPart: Tensor, keyPart: Tensor, product: Tensor, output: Tensor,
    shape: RaggedShape, window: Int
  ) {
    precondition(
      q.shape.count == 2 && q.shape == k.shape && queryPart.shape == keyPart.shape
        && queryPart.shape.count == 2 && queryPart.shape[0] == q.shape[0]
        && product.shape == [queryPart.shape[1], q.shape[1]]
        && output.shape == [queryPart.shape[1]],
      "targetAttention: q \(q.shape), k \(k.shape), queryPart \(queryPart.shape), keyPart "
        + "\(keyPart.shape), product \(product.shape), output \(output.shape)")
    precondition(
      (1...256).contains(output.count) && window > 0,
      "targetAttention: \(output.count) hidden units, window \(window)")
    (self.q, self.k, self.queryPart, self.keyPart) = (q, k, queryPart, keyPart)
    (self.product, self.output, self.shape) = (product, output, shape)
    self.window = window
  }

  var sequenceCount: Int { shape.sequenceCount }
  var width: Int { q.shape[1] }
  var hidden: Int { output.count }
}
