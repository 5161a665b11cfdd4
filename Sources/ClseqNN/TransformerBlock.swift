public import ClseqOps

/// Self-attention and a feed-forward part, each with dropout, a residual path and a layer norm.
///
/// Pre-norm (Xiong et al., "On layer normalization in the transformer architecture", 2020) computes
/// `x + f(norm(x))`, post-norm (Vaswani et al. 2017) `norm(x + f(x))`.
public struct TransformerBlock {
  /// The placement of the layer norms.
  public enum NormPlacement: String, Sendable, CaseIterable, Codable {
    case pre, post
  }

  /// The sizes of a block.
  public struct Configuration: Sendable, Equatable {
    /// Model width D.
    public var width: Int
    /// Attention heads, dividing the width.
    public var heads: Int
    /// Feed-forward width F.
    public var innerWidth: Int
    /// Probability of dropping an attention weight, and a value of each part's result.
    public var dropout: Float
    /// The activation between the two feed-forward maps.
    public var activation: Activation
    /// The placement of the layer norms.
    public var norm: NormPlacement

    /// Sizes as given.
    public init(
      width: Int, heads: Int, innerWidth: Int, dropout: Float, activation: Activation,
      norm: NormPlacement
    ) {
      self.width = width
      self.heads = heads
      self.innerWidth = innerWidth
      self.dropout = dropout
      self.activation = activation
      self.norm = norm
    }
  }

  private let name: String
  private let configuration: Configuration
  private let attentionNorm: LayerNorm
  private let attention: CausalSelfAttention
  private let feedForwardNorm: LayerNorm
  private let feedForward: FeedForward

  /// Declares the block's parameters under `NAME.`.
  public init(_ name: String, _ configuration: Configuration, in store: ParameterStore) {
    self.name = name
    self.configuration = configuration
    let width = configuration.width
    attentionNorm = LayerNorm(name + ".attention_norm", width: width, in: store)
    attention = CausalSelfAttention(
      name + ".attention", width: width, heads: configuration.heads,
      dropout: configuration.dropout, in: store)
    feedForwardNorm = LayerNorm(name + ".feed_forward_norm", width: width, in: store)
    feedForward = FeedForward(
      name + ".feed_forward", inputs: width, innerWidth: configuration.innerWidth,
      outputs: width, activation: configuration.activation, in: store)
  }

  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - batch: The events.
  ///   - rows: the events to compute the result of; all when absent. For inference only.
  ///   - tape: The tape.
  /// - Returns: `[N, D]`, or one row per element of `rows`.
  public func callAsFunction(
    _ x: Tensor, of batch: EventBatch, only rows: Indices? = nil, on tape: Tape
  ) throws -> Tensor {
    let middle = try residual(x, "attention", attentionNorm, batch, rows, tape) { input in
      try attention(input, of: batch, only: rows, on: tape)
    }
    return try residual(middle, "feed_forward", feedForwardNorm, batch, nil, tape) { input in
      try feedForward(input, on: tape)
    }
  }

  /// The attention weights of each sequence's last event, `[N, H]`. For inference only.
  ///
  /// - Parameters:
  ///   - x: the input of the block, `[N, D]`.
  ///   - batch: the events.
  ///   - tape: the tape.
  public func attentionWeights(
    _ x: Tensor, of batch: EventBatch, on tape: Tape
  ) throws -> Tensor {
    let input = configuration.norm == .pre ? try attentionNorm(x, on: tape) : x
    return try attention.weights(input, of: batch, on: tape)
  }

  private func residual(
    _ x: Tensor, _ part: String, _ norm: LayerNorm, _ batch: EventBatch, _ rows: Indices?,
    _ tape: Tape, _ body: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let isPre = configuration.norm == .pre
    let result = try body(isPre ? try norm(x, on: tape) : x)
    let sum = try tape.residualDropout(
      result, onto: try tape.rows(rows, of: x), rate: DropoutRate(configuration.dropout),
      layer: "\(name).\(part)_dropout", events: batch.events)
    return isPre ? sum : try norm(sum, on: tape)
  }
}
