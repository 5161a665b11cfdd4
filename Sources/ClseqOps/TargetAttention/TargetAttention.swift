extension Tape {
  /// Attention of each event, as a candidate, to the events before it, by a small network and
  /// without softmax:
  ///
  /// `out[n] = Σ_m s(n, m) k[m]`, `s(n, m) = w · sigmoid(A[n] + B[m] + P (q[n] ⊙ k[m]))`, over at
  /// most `window` events m before n in its sequence. An event without any gets 0.
  ///
  /// `A = W_q q + b` and `B = W_k k` come from linear layers, so that together with P the hidden
  /// layer sees query, key and their product. Nothing is kept per pair of events: the backward
  /// pass computes the scores again.
  ///
  /// Source: Zhou et al., "Deep interest network for click-through rate prediction", KDD 2018,
  /// equation 3 and figure 2, with a sigmoid in place of Dice.
  ///
  /// - Parameters:
  ///   - q: candidates, `[N, D]`.
  ///   - k: events, `[N, D]`.
  ///   - queryPart: A, `[N, E]`.
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
    try targetAttention(
      TargetAttention(
        q: q, k: k, queryPart: queryPart, keyPart: keyPart, product: product, output: output,
        shape: shape, window: window))
  }

  package func targetAttention(_ attention: TargetAttention) throws -> Tensor {
    let out = try backend.empty(attention.q.shape)
    try attention.forward(into: out, scores: nil, on: backend)
    record(out) { [attention = try attention.map(kept)] tape, dout in
      let restored = try attention.map(tape.restored)
      try tape.withGradientSlots(of: attention.inputs) { slots in
        try restored.backward(dout: dout, slots, on: tape.backend)
      }
    }
    return out
  }
}

/// The arrays and sizes of target attention.
package struct TargetAttention {
  /// q, k, queryPart and keyPart.
  package private(set) var inputs: [Tensor]
  package let product: Parameter
  package let output: Parameter
  let shape: RaggedShape
  let window: Int
  private let chunkLimit: Int?

  /// - Parameter chunkLimit: maximum number of pairs that are worked on together, unless one
  ///   candidate has more; chosen by the device when absent.
  package init(
    q: Tensor, k: Tensor, queryPart: Tensor, keyPart: Tensor, product: Parameter,
    output: Parameter, shape: RaggedShape, window: Int, chunkLimit: Int? = nil
  ) {
    precondition(
      q.shape.count == 2 && q.shape == k.shape && queryPart.shape == keyPart.shape
        && queryPart.shape == [q.shape[0], output.count] && window > 0
        && product.shape == [output.count, q.shape[1]] && output.shape.count == 1
        && shape.lengths.reduce(0, +) == q.shape[0],
      "targetAttention: q \(q.shape), k \(k.shape), queryPart \(queryPart.shape), keyPart "
        + "\(keyPart.shape), product \(product.shape), output \(output.shape), lengths "
        + "\(shape.lengths), window \(window)")
    inputs = [q, k, queryPart, keyPart]
    (self.product, self.output, self.shape, self.window) = (product, output, shape, window)
    self.chunkLimit = chunkLimit
  }

  /// The same with other inputs.
  func map(_ body: (Tensor) throws -> Tensor) rethrows -> TargetAttention {
    var attention = self
    attention.inputs = try inputs.map(body)
    return attention
  }

  var q: Tensor { inputs[0] }
  var k: Tensor { inputs[1] }
  var queryPart: Tensor { inputs[2] }
  var keyPart: Tensor { inputs[3] }
  var width: Int { q.shape[1] }
  var hidden: Int { output.count }
  /// The window, at most the longest sequence.
  var reach: Int { max(1, min(window, shape.maximumLength)) }

  /// Maximum number of pairs of a chunk: their arrays take 8 MB, on a GPU 64.
  func pairLimit(_ tuning: Tuning) -> Int {
    let floats = tuning == .gpu ? 1 << 24 : 1 << 21
    return max(reach, chunkLimit ?? floats / (width + hidden + 2))
  }
}
