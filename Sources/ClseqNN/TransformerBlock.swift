public import ClseqOps

/// Self-attention and a feed-forward part, each with dropout, a residual path and a layer norm; in a decoder
/// with attention to the states of an encoder between them.
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
    /// Attention heads H.
    public var heads: Int
    /// Which events an event attends to.
    public var mask: AttentionMask
    /// Feed-forward width F.
    public var innerWidth: Int
    /// Probability of dropping an attention weight, and a value of each part's result.
    public var dropout: Float
    /// The activation between the two feed-forward maps.
    public var activation: Activation
    /// The placement of the layer norms.
    public var norm: NormPlacement
    /// Width K of a head; the width over the heads, which must divide it, where nil.
    public var headWidth: Int?
    /// How the maps of attention and feed-forward part are adapted; nil for no adapters.
    public var adaptation: LowRankAdaptation?

    /// Sizes as given.
    public init(
      width: Int, heads: Int, mask: AttentionMask = .causal, innerWidth: Int, dropout: Float,
      activation: Activation,
      norm: NormPlacement
    ) {
      self.width = width
      self.heads = heads
      self.mask = mask
      self.innerWidth = innerWidth
      self.dropout = dropout
      self.activation = activation
      self.norm = norm
    }
  }

  private let name: String
  private let configuration: Configuration
  private let attentionNorm: LayerNorm
  private let attention: SelfAttention
  private let cross: (attention: CrossAttention, norm: LayerNorm)?
  private let feedForwardNorm: LayerNorm
  private let feedForward: FeedForward

  /// Declares the block's parameters under `NAME.`.
  ///
  /// - Parameters:
  ///   - name: the prefix of the names of parameters.
  ///   - configuration: the sizes.
  ///   - reads: whether it is the block of a decoder, which reads the states of an encoder.
  ///   - store: the store that gets the parameters.
  public init(
    _ name: String, _ configuration: Configuration, reads: Bool = false, in store: ParameterStore
  ) {
    self.name = name
    self.configuration = configuration
    let width = configuration.width
    attentionNorm = LayerNorm(name + ".attention_norm", width: width, in: store)
    attention = SelfAttention(
      name + ".attention", width: width, heads: configuration.heads,
      headWidth: configuration.headWidth, mask: configuration.mask, dropout: configuration.dropout,
      adaptation: configuration.adaptation, in: store)
    cross =
      reads
      ? (
        CrossAttention(
          name + ".cross_attention", width: width, heads: configuration.heads,
          headWidth: configuration.headWidth,
          dropout: configuration.dropout, adaptation: configuration.adaptation, in: store),
        LayerNorm(name + ".cross_attention_norm", width: width, in: store)
      ) : nil
    feedForwardNorm = LayerNorm(name + ".feed_forward_norm", width: width, in: store)
    feedForward = FeedForward(
      name + ".feed_forward", inputs: width, innerWidth: configuration.innerWidth,
      outputs: width, activation: configuration.activation,
      adaptation: configuration.adaptation, in: store)
  }

  /// What flows from block to block.
  public struct Stream {
    /// The input of the residual path, `[N, D]`.
    public let residual: Tensor
    /// The input of the attention: normalised before a pre-norm block, the same after a post-norm one.
    public let normed: Tensor
  }

  /// The input of a first block.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - tape: the tape.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func stream(from x: Tensor, on tape: Tape) throws -> Stream {
    Stream(residual: x, normed: configuration.norm == .pre ? try attentionNorm(x, on: tape) : x)
  }

  /// - Parameters:
  ///   - stream: of N events.
  ///   - next: the following block.
  ///   - norm: the norm after the last block; nil for none. Post-norm blocks have their own.
  ///   - batch: the events.
  ///   - rows: the events to compute the result of; all when nil.
  ///   - step: the memory of earlier events, in inference; nil without one.
  ///   - read: what the block of a decoder reads, with the memory of it; nil for any other block.
  ///   - tape: the tape.
  /// - Returns: of N events, or of one per element of `rows`. After the last block `normed` is its result.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func callAsFunction(
    _ stream: Stream, before next: TransformerBlock?, norm: LayerNorm?, of batch: EventBatch,
    only rows: EventRows? = nil, in step: AttentionStep? = nil,
    reading read: (states: ReadStates, step: AttentionStep?)? = nil, on tape: Tape
  ) throws -> Stream {
    precondition(
      (cross == nil) == (read == nil) && (cross == nil || rows == nil),
      "\(name): a decoder reads, and computes all states")
    let events = rows?.events ?? batch.events
    let isPre = configuration.norm == .pre
    let attended = try attention(stream.normed, of: batch, only: rows, in: step, on: tape)
    var middle = try add(
      attended, to: try tape.rows(rows, of: stream.residual), "attention",
      isPre ? cross?.norm ?? feedForwardNorm : attentionNorm, events, tape)
    if let cross, let read {
      let found = try cross.attention(
        middle.normed, of: batch, reading: read.states, in: read.step, on: tape)
      middle = try add(
        found, to: middle.residual, "cross_attention", isPre ? feedForwardNorm : cross.norm,
        events, tape)
    }
    let result = try feedForward(middle.normed, on: tape)
    return try add(
      result, to: middle.residual, "feed_forward",
      isPre ? next?.attentionNorm ?? norm : feedForwardNorm, events, tape)
  }

  /// The attention weights of each sequence's last event, `[N, H]`. For inference only.
  ///
  /// - Parameters:
  ///   - stream: the input of the block, of N events.
  ///   - batch: the events.
  ///   - tape: the tape.
  public func attentionWeights(
    _ stream: Stream, of batch: EventBatch, on tape: Tape
  ) throws -> Tensor {
    try attention.weights(stream.normed, of: batch, on: tape)
  }

  /// The result of a part, added to the residual path and normalised in the same pass.
  private func add(
    _ x: Tensor, to residual: Tensor, _ part: String, _ norm: LayerNorm?, _ events: EventIndices,
    _ tape: Tape
  ) throws -> Stream {
    guard let norm else { preconditionFailure("\(name): no norm after a pre-norm block") }
    let (sum, normed) = try norm.afterAdding(
      x, to: residual, dropout: DropoutRate(configuration.dropout),
      layer: "\(name).\(part)_dropout", of: events, on: tape)
    return Stream(residual: configuration.norm == .pre ? sum : normed, normed: normed)
  }
}
