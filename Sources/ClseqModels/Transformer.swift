public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``Transformer``.
  public static let transformer = ModelKind(
    "transformer", settings: TransformerStack.settings, layers: .blocks,
    fault: TransformerStack.fault
  ) { try Transformer($0, in: $1) }
}

/// A causal transformer over item sequences with a tied item table: SASRec with full softmax. Event
/// types, time gaps, numbers and attributes, if there are any, are added to the items' vectors.
///
/// Sources: Kang and McAuley, "Self-attentive sequential recommendation" (ICDM 2018); cross-entropy
/// over all items as in Klenitskiy and Vasilev, "Turning dross into gold loss" (RecSys 2023).
public struct Transformer: SequenceModel {
  /// `[1 + V + specials, D]`.
  public var itemTable: Parameter { encoder.itemTable }
  /// The item table itself, if items are ranked.
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
      itemRows: configuration.itemRows, width: configuration.width, configuration.inputs,
      in: store)
    outputTable = configuration.ranksItems ? encoder.itemTable : nil
    body = try TransformerStack(configuration, in: store)
  }

  /// Hidden state `[N, D]` after each event, or after some events alone; then the last block
  /// computes everything after its attention for those events alone.
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

extension Transformer: IncrementalModel {
  /// The hidden states, with the keys and values of every block kept.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows?, in memory: EventMemory,
    after earlier: EarlierEvents?, on tape: Tape
  ) throws -> Tensor {
    try body(
      try vectors(of: batch, on: tape), of: batch, only: rows,
      in: body.steps(in: memory, after: earlier), on: tape)
  }
}

extension Transformer: AttendingModel {
  /// The weights of the last block's heads.
  public func attentionWeights(of batch: EventBatch, on tape: Tape) throws -> [Tensor] {
    try body.attentionWeights(try vectors(of: batch, on: tape), of: batch, on: tape)
  }
}
