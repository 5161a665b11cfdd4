public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``RecurrentModel`` of LSTM layers.
  public static let lstm = recurrent("lstm", .lstm)
  /// ``RecurrentModel`` of GRU layers.
  public static let gru = recurrent("gru", .gru)

  private static func recurrent(_ name: String, _ kind: RecurrentModel.Kind) -> ModelKind {
    ModelKind(
      name,
      settings: [
        OwnedSetting(.hiddenSize), OwnedSetting(.dropout), OwnedSetting(.recurrentSizes),
      ]
    ) { try RecurrentModel(kind, $0, in: $1) }
  }
}

/// Stacked LSTM or GRU layers over the events' vectors, with a tied item table.
///
/// Sources: Hochreiter and Schmidhuber, "Long short-term memory" (1997); Hidasi et al.,
/// "Session-based recommendations with recurrent neural networks" (ICLR 2016), for the GRU.
public struct RecurrentModel: SequenceModel {
  /// The layers.
  public enum Kind: Sendable {
    case lstm, gru
  }

  private enum Body {
    case lstm(LSTM)
    case gru(GRU)
  }

  /// `[1 + V + specials, D]`.
  public var itemTable: Parameter { encoder.itemTable }
  /// The item table itself, if items are ranked.
  public let outputTable: Parameter?
  /// Number of items V.
  public let itemCount: Int
  /// D if items are ranked, else the hidden size of the last layer.
  public let stateWidth: Int
  private let encoder: EventEncoder
  private let body: Body
  private let output: Linear?
  private let dropout: DropoutRate

  /// Declares the embeddings, `lstm` or `gru`, and, if the last layer does not have the width of
  /// the item table, `output`.
  public init(_ kind: Kind, _ configuration: ModelConfiguration, in store: ParameterStore) throws {
    let width = configuration.width
    let sizes = configuration[.recurrentSizes]
    precondition(!sizes.isEmpty, "RecurrentModel: no layers")
    itemCount = configuration.itemCount
    dropout = DropoutRate(configuration.dropout)
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: width, configuration.inputs, in: store)
    body =
      switch kind {
      case .lstm:
        .lstm(
          LSTM(
            "lstm", inputs: width, hiddenSizes: sizes, dropout: configuration.dropout, in: store))
      case .gru:
        .gru(
          GRU("gru", inputs: width, hiddenSizes: sizes, dropout: configuration.dropout, in: store))
      }
    let last = sizes[sizes.count - 1]
    output =
      configuration.ranksItems && last != width
      ? Linear("output", inputs: last, outputs: width, in: store) : nil
    stateWidth = configuration.ranksItems ? width : last
    outputTable = configuration.ranksItems ? encoder.itemTable : nil
  }

  /// States after each event, or after some events alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: Indices? = nil, on tape: Tape
  ) throws -> Tensor {
    let x = try encoder(batch, dropout: dropout, layer: "embedding_dropout", on: tape)
    let all =
      switch body {
      case .lstm(let lstm): try lstm(x, of: batch, on: tape)
      case .gru(let gru): try gru(x, of: batch, on: tape)
      }
    let states = try tape.rows(rows, of: all)
    return try output?(states, on: tape) ?? states
  }
}
