import ClseqBase
public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``LSTMAttention``.
  public static let lstmAttention = ModelKind(
    "lstm-attention",
    settings: [
      OwnedSetting(.hiddenSize, default: 128), OwnedSetting(.dropout),
      OwnedSetting(.recurrentSizes), OwnedSetting(.attentionScore), OwnedSetting(.denseSize),
    ]
  ) { try LSTMAttention($0, in: $1) }
}

/// How a recurrent model with attention scores its states.
public enum AttentionScore: String, Sendable, CaseIterable, Codable {
  /// By the scaled dot product with the last state.
  case dot
  /// By a learned vector's product with tanh of a linear map of the state (Bahdanau et al. 2015).
  case learned
}

extension ModelSetting<AttentionScore> {
  /// How states are scored.
  public static var attentionScore: ModelSetting {
    ModelSetting("attention_score", .dot, .choice, "Score function of the attention")
  }
}

/// An LSTM whose states, up to each event, are averaged with attention weights; a dense layer with
/// ReLU follows.
///
/// `state[n] = relu(W Σₘ≤ₙ softmaxₘ(score(n, m)) h[m] + b)`, the score being the scaled dot product
/// of `h[n]` and `h[m]`, or `v · tanh(U h[m])`.
///
/// Sources: Luong et al., "Effective approaches to attention-based neural machine translation"
/// (2015); Bahdanau et al., "Neural machine translation by jointly learning to align and translate"
/// (2015).
public struct LSTMAttention: SequenceModel {
  /// `[1 + V + specials, D]`.
  public var itemTable: Parameter { encoder.itemTable }
  /// A table of its own, if items are ranked.
  public let outputTable: Parameter?
  /// Number of items V.
  public let itemCount: Int
  /// Width of the dense layer.
  public let stateWidth: Int
  private let encoder: EventEncoder
  private let lstm: RecurrentStack
  private let learned: (query: Linear, key: Linear)?
  private let dense: Linear
  private let dropout: DropoutRate

  /// Declares the embeddings, `lstm`, `attention` if scores are learned, and `dense`.
  public init(_ configuration: ModelConfiguration, in store: ParameterStore) throws {
    let sizes = configuration[.recurrentSizes]
    precondition(!sizes.isEmpty, "LSTMAttention: no layers")
    let hidden = sizes[sizes.count - 1]
    itemCount = configuration.itemCount
    stateWidth = configuration[.denseSize]
    dropout = DropoutRate(configuration.dropout)
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: configuration.width, configuration.inputs,
      in: store)
    lstm = RecurrentStack(
      .lstm, "lstm", inputs: configuration.width, hiddenSizes: sizes,
      dropout: configuration.dropout, in: store)
    learned =
      configuration[.attentionScore] == .learned
      ? (
        Linear("attention.query", inputs: 1, outputs: hidden, hasBias: false, in: store),
        Linear("attention.key", inputs: hidden, outputs: hidden, in: store)
      ) : nil
    dense = Linear("dense", inputs: hidden, outputs: stateWidth, in: store)
    outputTable = configuration.declareOutputTable(width: stateWidth, in: store)
  }

  /// States after each event, or after some events alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows? = nil, on tape: Tape
  ) throws -> Tensor {
    let attended = try tape.attention(
      try queriesKeysValues(of: batch, on: tape), shape: batch.shape,
      sequences: batch.events.sequences, heads: 1, mask: .causal, dropout: 0, key: nil)
    return try dense(try tape.rows(rows, of: attended), activation: .relu, on: tape)
  }

  /// Queries, keys and values `[N, 3 H]`. The learned vector is the query of every event.
  private func queriesKeysValues(of batch: EventBatch, on tape: Tape) throws -> Tensor {
    let x = try encoder(batch, dropout: dropout, layer: "embedding_dropout", on: tape)
    return try queriesKeysValues(try lstm(x, of: batch, on: tape), of: batch, on: tape)
  }

  /// The same from the LSTM's states `[N, H]`.
  private func queriesKeysValues(
    _ states: Tensor, of batch: EventBatch, on tape: Tape
  ) throws -> Tensor {
    guard let learned else { return try tape.concat([states, states, states]) }
    let ones = try tape.backend.filled([batch.eventCount, 1], with: 1)
    return try tape.concat([
      try learned.query(ones, isConstant: true, on: tape),
      try learned.key(states, activation: .tanh, on: tape), states,
    ])
  }
}

extension LSTMAttention: IncrementalModel {
  /// The states, with the LSTM's last states and the attention's keys and values kept.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows?, in memory: EventMemory,
    after earlier: EarlierEvents?, on tape: Tape
  ) throws -> Tensor {
    let x = try encoder(batch, dropout: dropout, layer: "embedding_dropout", on: tape)
    let states = try lstm(x, of: batch, in: memory, after: earlier, on: tape)
    let attended = try AttentionStep(memory.layer(0), after: earlier).attention(
      try queriesKeysValues(states, of: batch, on: tape), of: batch, heads: 1, mask: .causal,
      on: tape)
    return try dense(try tape.rows(rows, of: attended), activation: .relu, on: tape)
  }
}

extension LSTMAttention: AttendingModel {
  /// The weight that the last event of each sequence gives to each event, `[N, 1]`.
  public func attentionWeights(of batch: EventBatch, on tape: Tape) throws -> [Tensor] {
    [
      try tape.backend.attentionWeights(
        try queriesKeysValues(of: batch, on: tape), offsets: batch.offsets, heads: 1)
    ]
  }
}
