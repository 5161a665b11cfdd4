import ClseqBase
public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``BERT4Rec``.
  public static let bert4rec = ModelKind(
    "bert4rec",
    settings: TransformerStack.settings.filter {
      !["attention_window", "dropout"].contains($0.key)
    }
      + [
        OwnedSetting(.dropout, default: 0.1), OwnedSetting(.maskProbability),
        OwnedSetting(.maskRandom), OwnedSetting(.maskKept), OwnedSetting(.maskSpan),
        OwnedSetting(.maskLast),
      ], fillsMasks: true, layers: .blocks,
    // A masked event teaches less than the next one does: more and larger steps, for longer.
    recipe: [
      "batch_size": "64", "learning_rate": "0.003", "schedule": "cosine", "warmup_steps": "200",
      "epochs": "240", "patience": "40",
    ], fault: BERT4Rec.fault
  ) { try BERT4Rec($0, in: $1) }
}

extension ModelSetting<Double> {
  /// Share of events that are to be predicted.
  public static var maskProbability: ModelSetting {
    ModelSetting(
      "mask_probability", 0.35, .number(0..<1.000_001),
      "Share of the events of a sequence that are masked in training; at least one is")
  }

  /// Of these, the share with a random item in place of the mask.
  public static var maskRandom: ModelSetting {
    ModelSetting(
      "mask_random", 0, .number(0..<1.000_001),
      "Share of the events to predict that show a random item instead of the mask (BERT: 0.1)")
  }

  /// Of these, the share with their own item in place of the mask.
  public static var maskKept: ModelSetting {
    ModelSetting(
      "mask_kept", 0, .number(0..<1.000_001),
      "Share of the events to predict that show their own item instead of the mask (BERT: 0.1)")
  }

  /// Mean length of the stretches that are masked.
  public static var maskSpan: ModelSetting {
    ModelSetting(
      "mask_span", 1, .number(1..<101),
      "Mean number of neighbouring events that are masked together, at most 10")
  }

  /// Share of sequences whose last event alone is masked.
  public static var maskLast: ModelSetting {
    ModelSetting(
      "mask_last", 0.1, .number(0..<1.000_001),
      "Share of sequences in which the last event alone is masked, as in a prediction")
  }
}

/// A transformer that sees a whole sequence and predicts masked events in it; the next item is predicted in
/// the place of a mask at the end.
///
/// Source: Sun et al., "BERT4Rec: sequential recommendation with bidirectional encoder representations from
/// transformer" (CIKM 2019). The item table is tied; there is no further layer before the scores.
public struct BERT4Rec: SequenceModel {
  /// `[1 + V + specials, D]`; the last rows are the mask and, where there is one, the summary.
  public var itemTable: Parameter { encoder.itemTable }
  /// The item table itself, if items are ranked.
  public let outputTable: Parameter?
  /// Number of items V.
  public let itemCount: Int
  /// D.
  public var stateWidth: Int { encoder.width }
  /// The row of the mask.
  public let maskItem: Int32?
  /// The row of the summary, if sequences have one.
  public let summaryItem: Int32?
  private let encoder: EventEncoder
  private let body: TransformerStack

  /// Why settings do not fit together; nil where they do.
  @Sendable static func fault(_ configuration: ModelConfiguration) -> String? {
    let (random, kept) = (configuration[.maskRandom], configuration[.maskKept])
    if random + kept > 1 {
      return
        "mask_random (\(random)) and mask_kept (\(kept)) are shares of the same events: together "
        + "at most 1"
    }
    return TransformerStack.fault(configuration)
  }

  /// Declares the model's parameters.
  public init(_ configuration: ModelConfiguration, in store: ParameterStore) throws {
    itemCount = configuration.itemCount
    maskItem = configuration.maskItem
    summaryItem = configuration.summaryItem
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: configuration.width, configuration.inputs,
      in: store)
    outputTable = configuration.ranksItems ? encoder.itemTable : nil
    body = try TransformerStack(configuration, seesAll: true, in: store)
  }

  /// Hidden state `[N, D]` of each event, or of some events alone; then the last block computes
  /// everything after its attention for those events alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows? = nil, on tape: Tape
  ) throws -> Tensor {
    try body(try vectors(of: batch, on: tape), of: batch, only: rows, on: tape)
  }

  /// The vectors of the events, `[N, D]`.
  private func vectors(of batch: EventBatch, on tape: Tape) throws -> Tensor {
    try encoder(
      batch, positions: body.positions, dropout: body.dropout, layer: "embedding_dropout", on: tape)
  }
}

extension BERT4Rec: AttendingModel {
  /// The weights of the last block's heads: those of a mask, where one is the last event.
  public func attentionWeights(of batch: EventBatch, on tape: Tape) throws -> [Tensor] {
    try body.attentionWeights(try vectors(of: batch, on: tape), of: batch, on: tape)
  }
}
