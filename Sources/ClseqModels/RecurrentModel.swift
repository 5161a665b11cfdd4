public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``RecurrentModel`` of LSTM layers.
  public static let lstm = recurrent(.lstm)
  /// ``RecurrentModel`` of GRU layers.
  public static let gru = recurrent(.gru)

  private static func recurrent(_ cell: RecurrentCell) -> ModelKind {
    ModelKind(
      cell.rawValue,
      settings: [
        OwnedSetting(.hiddenSize), OwnedSetting(.dropout), OwnedSetting(.recurrentSizes),
      ], layers: .recurrent
    ) { try RecurrentModel(cell, $0, in: $1) }
  }
}

/// Stacked LSTM or GRU layers over the events' vectors, with a tied item table.
///
/// Sources: Hochreiter and Schmidhuber, "Long short-term memory" (1997); Hidasi et al.,
/// "Session-based recommendations with recurrent neural networks" (ICLR 2016), for the GRU.
public struct RecurrentModel: SequenceModel {
  /// `[1 + V + specials, D]`.
  public var itemTable: Parameter { encoder.itemTable }
  /// The item table itself, if items are ranked.
  public let outputTable: Parameter?
  /// Number of items V.
  public let itemCount: Int
  /// D if items are ranked, else the hidden size of the last layer.
  public let stateWidth: Int
  private let encoder: EventEncoder
  private let layers: RecurrentStack
  private let output: Linear?
  private let dropout: DropoutRate

  /// Declares the embeddings, `lstm` or `gru`, and, if the last layer does not have the width of
  /// the item table, `output`.
  public init(
    _ cell: RecurrentCell, _ configuration: ModelConfiguration, in store: ParameterStore
  ) throws {
    let width = configuration.width
    let sizes = configuration[.recurrentSizes]
    precondition(!sizes.isEmpty, "RecurrentModel: no layers")
    itemCount = configuration.itemCount
    dropout = DropoutRate(configuration.dropout)
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: width, configuration.inputs, in: store)
    layers = RecurrentStack(
      cell, cell.rawValue, inputs: width, hiddenSizes: sizes, dropout: configuration.dropout,
      in: store)
    let last = sizes[sizes.count - 1]
    output =
      configuration.ranksItems && last != width
      ? Linear("output", inputs: last, outputs: width, in: store) : nil
    stateWidth = configuration.ranksItems ? width : last
    outputTable = configuration.ranksItems ? encoder.itemTable : nil
  }

  /// States after each event, or after some events alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows? = nil, on tape: Tape
  ) throws -> Tensor {
    let x = try encoder(batch, dropout: dropout, layer: "embedding_dropout", on: tape)
    let states = try tape.rows(rows, of: try layers(x, of: batch, on: tape))
    return try output?(states, on: tape) ?? states
  }
}

extension RecurrentModel: IncrementalModel {
  /// The states, with those of all layers after the last events kept.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows?, in memory: EventMemory,
    after earlier: EarlierEvents?, on tape: Tape
  ) throws -> Tensor {
    let x = try encoder(batch, dropout: dropout, layer: "embedding_dropout", on: tape)
    let all = try layers(x, of: batch, in: memory, after: earlier, on: tape)
    let states = try tape.rows(rows, of: all)
    return try output?(states, on: tape) ?? states
  }
}
