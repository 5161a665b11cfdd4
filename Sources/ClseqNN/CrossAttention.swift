public import ClseqOps

/// What a decoder reads: the states of an encoder.
public struct ReadStates {
  /// `[M, D]`; nil in a step that goes on from kept keys and values.
  public let states: Tensor?
  /// The sequences of the M events.
  public let shape: RaggedShape

  /// States of M events.
  public init(_ states: Tensor?, shape: RaggedShape) { (self.states, self.shape) = (states, shape) }
}

/// Multi-head attention of written events to all events that were read in their sequence.
///
/// Source: Vaswani et al., "Attention is all you need" (2017), section 3.2.3.
public struct CrossAttention {
  /// `[H K, D]`.
  public let query: Linear
  /// Key and value maps as one matrix `[2 H K, D]`; two arrays in files.
  public let keysAndValues: Linear
  /// `[D, H K]`.
  public let output: Linear
  private let name: String
  private let heads: Int
  private let dropout: Float

  /// Declares `NAME.query`, `NAME.key`, `NAME.value` and `NAME.out`.
  ///
  /// - Parameters:
  ///   - name: the prefix of the names of parameters.
  ///   - width: the width D.
  ///   - heads: the number of heads H.
  ///   - headWidth: the width K of a head; the width over the heads, which must divide it, where nil.
  ///   - dropout: probability of dropping an attention weight.
  ///   - adaptation: how its four maps are adapted; nil for no adapters.
  ///   - store: the store that gets the parameters.
  public init(
    _ name: String, width: Int, heads: Int, headWidth: Int? = nil, dropout: Float,
    adaptation: LowRankAdaptation? = nil, in store: ParameterStore
  ) {
    precondition(
      headWidth != nil || width % heads == 0, "CrossAttention: \(heads) heads of width \(width)")
    let inner = heads * (headWidth ?? width / heads)
    query = Linear(
      name + ".query", inputs: width, outputs: inner, adaptation: adaptation, in: store)
    keysAndValues = Linear(
      name, inputs: width, outputs: 2 * inner, parts: ["key", "value"], adaptation: adaptation,
      in: store)
    output = Linear(
      name + ".out", inputs: inner, outputs: width, adaptation: adaptation, in: store)
    (self.name, self.heads, self.dropout) = (name, heads, dropout)
  }

  /// - Parameters:
  ///   - x: of the written events, `[N, D]`.
  ///   - batch: the written events.
  ///   - read: what is attended to.
  ///   - step: the memory of its keys and values, in inference; nil without one.
  ///   - tape: the tape.
  /// - Returns: `[N, D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func callAsFunction(
    _ x: Tensor, of batch: EventBatch, reading read: ReadStates, in step: AttentionStep? = nil,
    on tape: Tape
  ) throws -> Tensor {
    func computed() throws -> Tensor {
      guard let states = read.states else {
        preconditionFailure("\(name): nothing to read, and no memory of it")
      }
      return try keysAndValues(states, on: tape)
    }
    let (values, shape) =
      try step?.read(computed, of: read.shape, on: tape) ?? (computed(), read.shape)
    let context = try tape.attention(
      q: try query(x, on: tape), keysAndValues: values, queries: batch.shape, keys: shape,
      sequences: batch.events.sequences, heads: heads, mask: .full, dropout: dropout,
      key: tape.randomKey(name))
    return try output(context, on: tape)
  }
}
