public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``MultilayerPerceptron``.
  public static let mlp = ModelKind(
    "mlp",
    settings: [
      OwnedSetting(.hiddenSize), OwnedSetting(.feedForwardSize), OwnedSetting(.dropout),
      OwnedSetting(.activation), OwnedSetting(.window),
    ]
  ) { try MultilayerPerceptron($0, in: $1) }
}

/// A perceptron with one hidden layer over the concatenated vectors of the last events: a baseline
/// without recurrence or attention.
public struct MultilayerPerceptron: SequenceModel {
  /// `[1 + V + specials, D]`.
  public var itemTable: Parameter { encoder.itemTable }
  /// The item table itself, if items are ranked.
  public let outputTable: Parameter?
  /// Number of items V.
  public let itemCount: Int
  /// D.
  public var stateWidth: Int { encoder.width }
  /// The window.
  public var reach: Int? { window }
  private let encoder: EventEncoder
  private let layers: FeedForward
  private let window: Int
  private let dropout: DropoutRate

  /// Declares the embeddings and `layers`.
  public init(_ configuration: ModelConfiguration, in store: ParameterStore) throws {
    itemCount = configuration.itemCount
    window = configuration[.window]
    dropout = DropoutRate(configuration.dropout)
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: configuration.width, configuration.inputs,
      in: store)
    layers = FeedForward(
      "layers", inputs: window * configuration.width, innerWidth: configuration.innerWidth,
      outputs: configuration.width, activation: configuration[.activation], in: store)
    outputTable = configuration.ranksItems ? encoder.itemTable : nil
  }

  /// States after each event, or after some events alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows? = nil, on tape: Tape
  ) throws -> Tensor {
    let x = try encoder(batch, dropout: dropout, layer: "embedding_dropout", on: tape)
    let last = try tape.causalWindow(x, times: batch.events.times, width: window)
    return try layers(try tape.rows(rows, of: last), on: tape)
  }
}
