public import ClseqOps

/// Multi-head self-attention: an event sees itself and, by the mask, the events before it or all events of its
/// sequence.
///
/// Source: Vaswani et al., "Attention is all you need" (2017), section 3.2.
public struct SelfAttention {
  /// Query, key and value maps as one matrix `[3 H K, D]`; three arrays in files.
  public let input: Linear
  /// `[D, H K]`.
  public let output: Linear
  private let name: String
  private let heads: Int
  private let mask: AttentionMask
  private let dropout: Float

  /// Declares `NAME.query`, `NAME.key`, `NAME.value` and `NAME.out`.
  ///
  /// - Parameters:
  ///   - name: the prefix of the names of parameters.
  ///   - width: the width D.
  ///   - heads: the number of heads H.
  ///   - headWidth: the width K of a head; the width over the heads, which must divide it, where nil.
  ///   - mask: which events an event sees.
  ///   - dropout: probability of dropping an attention weight.
  ///   - adaptation: how its four maps are adapted; nil for no adapters.
  ///   - store: the store that gets the parameters.
  public init(
    _ name: String, width: Int, heads: Int, headWidth: Int? = nil, mask: AttentionMask = .causal,
    dropout: Float,
    adaptation: LowRankAdaptation? = nil, in store: ParameterStore
  ) {
    precondition(
      headWidth != nil || width % heads == 0, "SelfAttention: \(heads) heads of width \(width)")
    let inner = heads * (headWidth ?? width / heads)
    input = Linear(
      name, inputs: width, outputs: 3 * inner, parts: ["query", "key", "value"],
      adaptation: adaptation, in: store)
    output = Linear(
      name + ".out", inputs: inner, outputs: width, adaptation: adaptation, in: store)
    self.name = name
    self.heads = heads
    self.mask = mask
    self.dropout = dropout
  }

  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - batch: The events.
  ///   - rows: the events to compute the result of; all when nil.
  ///   - step: the memory of earlier events, in inference; nil without one.
  ///   - tape: The tape.
  /// - Returns: `[N, D]`, or `[S, D]` of S rows.
  public func callAsFunction(
    _ x: Tensor, of batch: EventBatch, only rows: EventRows? = nil, in step: AttentionStep? = nil,
    on tape: Tape
  ) throws -> Tensor {
    let qkv = try input(x, on: tape)
    let context =
      try step?.attention(qkv, of: batch, heads: heads, mask: mask, on: tape)
      ?? tape.attention(
        qkv, shape: batch.shape, sequences: batch.events.sequences, heads: heads, mask: mask,
        dropout: dropout, key: tape.randomKey(name))
    return try output(try tape.rows(rows, of: context), on: tape)
  }

  /// The weight that the last event of each sequence gives to each event, `[N, H]`. For inference
  /// only.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - batch: The events.
  ///   - tape: The tape.
  public func weights(_ x: Tensor, of batch: EventBatch, on tape: Tape) throws -> Tensor {
    try tape.backend.attentionWeights(
      try input(x, on: tape), offsets: batch.offsets, heads: heads, mask: mask)
  }
}
