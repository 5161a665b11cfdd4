public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``RecurrentEncoderDecoder``.
  public static let lstmSeq2seq = ModelKind(
    "lstm-seq2seq",
    settings: [
      OwnedSetting(.hiddenSize), OwnedSetting(.dropout), OwnedSetting(.recurrentSizes),
      OwnedSetting(.targetLength), OwnedSetting(.scheduledSampling),
    ], writes: true,
    // At the usual rate it stays on a plateau until the patience ends it.
    recipe: EncoderDecoder.recipe.merging(["learning_rate": "0.005"]) { $1 }
  ) { try RecurrentEncoderDecoder($0, in: $1) }
}

/// Two stacks of LSTM layers: an encoder reads a history, and a decoder, which begins in the encoder's last state,
/// writes the events after it, attending to all states of the encoder.
///
/// `a = tanh(W [Σₘ softmaxₘ(h · U e[m] / √H) e[m] ‖ h])`, of the decoder's h and the encoder's e, and a linear map of
/// it to the width of the tied item table.
///
/// Sources: Sutskever, Vinyals and Le, "Sequence to sequence learning with neural networks" (NeurIPS 2014); Luong et
/// al., "Effective approaches to attention-based neural machine translation" (EMNLP 2015), score `general`.
public struct RecurrentEncoderDecoder: SequenceModel {
  /// `[1 + V + specials, D]`; the last row is the start.
  public var itemTable: Parameter { encoder.itemTable }
  /// The item table itself, if items are ranked.
  public let outputTable: Parameter?
  /// Number of items V.
  public let itemCount: Int
  /// D.
  public var stateWidth: Int { encoder.width }
  /// The last row of the item table.
  public let maskItem: Int32?
  /// It does.
  public var writes: Bool { true }
  private let encoder: EventEncoder
  private let reader: RecurrentStack
  private let writer: RecurrentStack
  private let query: Linear
  private let attended: Linear
  private let output: Linear
  private let dropout: DropoutRate

  /// Declares the embeddings, `encoder`, `decoder`, `attention.query`, `attention.out` and `output`.
  public init(_ configuration: ModelConfiguration, in store: ParameterStore) throws {
    let (width, sizes) = (configuration.width, configuration[.recurrentSizes])
    precondition(!sizes.isEmpty, "RecurrentEncoderDecoder: no layers")
    let hidden = sizes[sizes.count - 1]
    itemCount = configuration.itemCount
    maskItem = configuration.maskItem
    dropout = DropoutRate(configuration.dropout)
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: width, configuration.inputs, in: store)
    outputTable = configuration.ranksItems ? encoder.itemTable : nil
    func stack(_ name: String) -> RecurrentStack {
      RecurrentStack(
        .lstm, name, inputs: width, hiddenSizes: sizes, dropout: configuration.dropout, in: store)
    }
    (reader, writer) = (stack("encoder"), stack("decoder"))
    query = Linear(
      "attention.query", inputs: hidden, outputs: hidden, hasBias: false, in: store)
    attended = Linear("attention.out", inputs: 2 * hidden, outputs: hidden, in: store)
    output = Linear("output", inputs: hidden, outputs: width, in: store)
  }

  /// States `[N, D]` after the start and each written event, or after those that answer.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows? = nil, on tape: Tape
  ) throws -> Tensor {
    try states(of: batch, only: rows, in: nil, after: nil, on: tape)
  }

  private func states(
    of batch: EventBatch, only rows: EventRows?, in memory: EventMemory?,
    after earlier: EarlierEvents?, on tape: Tape
  ) throws -> Tensor {
    guard let sides = batch.sides else {
      preconditionFailure("lstm-seq2seq: a batch without sides")
    }
    let x = try encoder.vectorsWithGuesses(of: batch, on: tape)
    func vectors(_ side: EventSide, _ name: String) throws -> Tensor {
      try tape.dropout(
        try tape.rows(side.rows, of: x), rate: dropout, layer: "\(name).embedding_dropout",
        events: side.batch.events)
    }
    let (written, read) = (sides.written.batch, sides.read.batch)
    var (values, shape): (Tensor?, RaggedShape) = (nil, read.shape)
    let hidden: Tensor
    if let memory, earlier != nil {
      hidden = try writer(
        try vectors(sides.written, "decoder"), of: written, in: memory, after: earlier, on: tape)
    } else {
      let (states, last) = try reader.outputAndState(
        try vectors(sides.read, "encoder"), of: read, on: tape)
      values = try tape.concat([states, states])
      let (own, end) = try writer.outputAndState(
        try vectors(sides.written, "decoder"), of: written, from: last, on: tape)
      memory?.recurrent = end
      hidden = own
    }
    if let memory {
      (values, shape) = try AttentionStep(memory.layer(0), after: earlier)
        .read({ [values] in values! }, of: shape, on: tape)
    }
    let context = try tape.attention(
      q: try query(hidden, on: tape), keysAndValues: values!, queries: written.shape, keys: shape,
      sequences: written.events.sequences, heads: 1, mask: .full, dropout: 0, key: nil)
    let states = try output(
      try attended(try tape.concat([context, hidden]), activation: .tanh, on: tape), on: tape)
    return try sides.answers(rows, of: states, on: tape)
  }
}

extension RecurrentEncoderDecoder: IncrementalModel {
  /// The states, with the decoder's last state kept, and the encoder's states that it attends to.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows?, in memory: EventMemory,
    after earlier: EarlierEvents?, on tape: Tape
  ) throws -> Tensor {
    try states(of: batch, only: rows, in: memory, after: earlier, on: tape)
  }
}
