public import ClseqOps

/// A state-space layer and a feed-forward part, each with dropout, a residual path and a layer norm before it or after
/// it, as in ``TransformerBlock``.
public struct StateSpaceBlock {
  /// The sizes of a block.
  public struct Configuration: Sendable, Equatable {
    /// The kind of its layer.
    public var kind: StateSpaceKind
    /// The sizes of its layer.
    public var sizes: StateSpaceSizes
    /// Feed-forward width F.
    public var innerWidth: Int
    /// Probability of dropping a value of each part's result.
    public var dropout: Float
    /// The activation between the two feed-forward maps.
    public var activation: Activation
    /// The placement of the layer norms.
    public var norm: TransformerBlock.NormPlacement

    /// Sizes as given.
    public init(
      _ kind: StateSpaceKind, _ sizes: StateSpaceSizes, innerWidth: Int, dropout: Float,
      activation: Activation, norm: TransformerBlock.NormPlacement
    ) {
      (self.kind, self.sizes, self.innerWidth) = (kind, sizes, innerWidth)
      (self.dropout, self.activation, self.norm) = (dropout, activation, norm)
    }
  }

  private let name: String
  private let dropout: DropoutRate
  private let isPre: Bool
  private let stateNorm: LayerNorm
  private let layer: any StateSpaceLayer
  private let feedForwardNorm: LayerNorm
  private let feedForward: FeedForward

  /// Declares the block's parameters under `NAME.`.
  public init(_ name: String, _ configuration: Configuration, in store: ParameterStore) {
    self.name = name
    dropout = DropoutRate(configuration.dropout)
    isPre = configuration.norm == .pre
    let width = configuration.sizes.width
    stateNorm = LayerNorm(name + ".state_space_norm", width: width, in: store)
    layer = configuration.kind.layer(name + ".state_space", configuration.sizes, in: store)
    feedForwardNorm = LayerNorm(name + ".feed_forward_norm", width: width, in: store)
    feedForward = FeedForward(
      name + ".feed_forward", inputs: width, innerWidth: configuration.innerWidth, outputs: width,
      activation: configuration.activation, in: store)
  }

  /// The input of a first block.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - tape: the tape.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func stream(from x: Tensor, on tape: Tape) throws -> TransformerBlock.Stream {
    TransformerBlock.Stream(residual: x, normed: isPre ? try stateNorm(x, on: tape) : x)
  }

  /// - Parameters:
  ///   - stream: of N events.
  ///   - next: the following block.
  ///   - norm: the norm after the last block; nil for none. Post-norm blocks have their own.
  ///   - batch: the events.
  ///   - rows: the events to compute the result of; all when nil.
  ///   - memory: of the state, in inference; nil without one.
  ///   - tape: the tape.
  /// - Returns: of N events, or of one per element of `rows`, and the new state if there is a memory.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func callAsFunction(
    _ stream: TransformerBlock.Stream, before next: StateSpaceBlock?, norm: LayerNorm?,
    of batch: EventBatch, only rows: EventRows? = nil, in memory: StateMemory? = nil,
    on tape: Tape
  ) throws -> (stream: TransformerBlock.Stream, state: LayerState?) {
    let events = rows?.events ?? batch.events
    let (mixed, state) = try layer(stream.normed, of: batch, in: memory, on: tape)
    let middle = try add(
      try tape.rows(rows, of: mixed), to: try tape.rows(rows, of: stream.residual),
      "state_space", isPre ? feedForwardNorm : stateNorm, events, tape)
    let result = try add(
      try feedForward(middle.normed, on: tape), to: middle.residual, "feed_forward",
      isPre ? next?.stateNorm ?? norm : feedForwardNorm, events, tape)
    return (result, state)
  }

  /// The result of a part, added to the residual path and normalised in the same pass.
  private func add(
    _ x: Tensor, to residual: Tensor, _ part: String, _ norm: LayerNorm?, _ events: EventIndices,
    _ tape: Tape
  ) throws -> TransformerBlock.Stream {
    guard let norm else { preconditionFailure("\(name): no norm after a pre-norm block") }
    let (sum, normed) = try norm.afterAdding(
      x, to: residual, dropout: dropout, layer: "\(name).\(part)_dropout", of: events, on: tape)
    return TransformerBlock.Stream(residual: isPre ? sum : normed, normed: normed)
  }
}
