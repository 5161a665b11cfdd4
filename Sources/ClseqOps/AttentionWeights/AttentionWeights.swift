import ClseqRuntime

extension Backend {
  /// The weights of causal attention for the last event of each sequence, without a gradient:
  /// `weights[m, h] = softmax_m(q[last] · k[m] / √K)` in head h, over all m of the sequence that the last
  /// event sees.
  ///
  /// Without dropout, the values summed with these weights are the result of `Tape.attention` for
  /// the last event: so the weights say which events a prediction depends on.
  ///
  /// - Parameters:
  ///   - qkv: queries, keys and values side by side, `[N, 3 D]`.
  ///   - offsets: first event of each sequence, `[B + 1]`.
  ///   - heads: H, a divisor of D.
  ///   - mask: which events the last event sees; it sees all by `causal` and by `full`.
  /// - Returns: `[N, H]`, which sums to one over the events of a sequence.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func attentionWeights(
    _ qkv: Tensor, offsets: Indices, heads: Int, mask: AttentionMask = .causal
  ) throws -> Tensor {
    precondition(
      qkv.shape.count == 2 && heads > 0 && qkv.shape[1] % (3 * heads) == 0 && offsets.count > 0,
      "attentionWeights: qkv \(qkv.shape), \(heads) heads, \(offsets.count) offsets")
    let (n, width) = (qkv.shape[0], qkv.shape[1] / (3 * heads))
    let window = min(mask.window ?? n, n)
    let weights = try empty([n, heads])
    if isReference {
      AttentionWeightsReference.run(
        qkv.floats, offsets: offsets.values, weights.floats, heads: heads, width: width,
        window: window)
    } else {
      try launch(
        "attention_weights", in: "attention_weights",
        Grid(
          groups: (heads, offsets.count - 1, 1), size: (tuning == .gpu ? 256 : 1, 1, 1)),
        cost: KernelCost(
          flops: Double(2 * n * heads * width), bytes: Double(4 * n * heads * width)),
        qkv, offsets, weights, Int32(heads), Int32(width), Int32(window),
        1 / Float(width).squareRoot())
    }
    return weights
  }
}
