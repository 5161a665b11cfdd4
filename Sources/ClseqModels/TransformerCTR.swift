public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``TransformerCTR``.
  public static let transformerCTR = ModelKind(
    "transformer-ctr",
    settings: [
      OwnedSetting(.hiddenSize, default: 96), OwnedSetting(.layers, default: 1),
      OwnedSetting(.heads, default: 8), OwnedSetting(.headWidth), OwnedSetting(.feedForwardSize),
      OwnedSetting(.dropout),
      OwnedSetting(.activation), OwnedSetting(.norm),
      OwnedSetting(.positions, default: .sinusoidal),
    ], layers: .blocks,
    fault: { configuration in
      configuration.width < 2
        ? "transformer-ctr needs a hidden_size of 2 or more: items beside types"
        : TransformerStack.fault(configuration)
    }
  ) { try TransformerCTR($0, in: $1) }
}

/// A transformer for click-through rates: the vector of an event is the concatenation of its item
/// and its type, plus its position; with a causal mask every event of a sequence is a candidate in
/// one pass. A candidate's own outcome is not known, so the type is that of the event before.
///
/// Source: Chen et al., "Behavior sequence transformer for e-commerce recommendation in Alibaba"
/// (DLP-KDD 2019), whose candidate is the last event.
public struct TransformerCTR: SequenceModel {
  /// `[1 + V + specials, 2 D / 3]`, or D wide without types.
  public var itemTable: Parameter { encoder.itemTable }
  /// A table of its own, if items are ranked.
  public let outputTable: Parameter?
  /// Number of items V.
  public let itemCount: Int
  /// D.
  public var stateWidth: Int { encoder.width }
  private let encoder: EventEncoder
  private let body: TransformerStack

  /// Declares the model's parameters.
  public init(_ configuration: ModelConfiguration, in store: ParameterStore) throws {
    itemCount = configuration.itemCount
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: configuration.width,
      types: .concatenated(width: max(1, configuration.width / 3)), configuration.inputs, in: store)
    body = try TransformerStack(configuration, in: store)
    outputTable = configuration.declareOutputTable(width: configuration.width, in: store)
  }

  /// States `[N, D]` after each event, or after some events alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows? = nil, on tape: Tape
  ) throws -> Tensor {
    try body(try vectors(of: batch, on: tape), of: batch, only: rows, on: tape)
  }

  /// The vectors of the events, `[N, D]`.
  private func vectors(of batch: EventBatch, on tape: Tape) throws -> Tensor {
    try encoder(
      batch, positions: body.positions, dropout: body.dropout, layer: "embedding_dropout",
      on: tape)
  }
}

extension TransformerCTR: AttendingModel {
  /// The weights of the last block's heads.
  public func attentionWeights(of batch: EventBatch, on tape: Tape) throws -> [Tensor] {
    try body.attentionWeights(try vectors(of: batch, on: tape), of: batch, on: tape)
  }
}
