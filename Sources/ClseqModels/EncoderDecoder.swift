import ClseqBase
public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``EncoderDecoder``.
  public static let seq2seq = ModelKind(
    "seq2seq",
    settings: TransformerStack.settings.filter { $0.key != "attention_window" }
      + [OwnedSetting(.targetLength), OwnedSetting(.scheduledSampling)],
    writes: true, layers: .blocks, recipe: EncoderDecoder.recipe, fault: TransformerStack.fault
  ) { try EncoderDecoder($0, in: $1) }
}

extension ModelSetting<Int> {
  /// Maximum number of events that a model writes.
  public static var targetLength: ModelSetting {
    ModelSetting(
      "target_length", 5, .integer(1...1_000),
      "Maximum number of events after a cut that the model learns to write")
  }
}

extension ModelSetting<Double> {
  /// Share of the events that a model writes after its own guesses.
  public static var scheduledSampling: ModelSetting {
    ModelSetting(
      "scheduled_sampling", 0, .number(0..<1.000_001),
      "Share of the decoder's inputs that are the model's own guesses, after a linear rise over the first half of "
        + "--epochs")
  }
}

/// A transformer of two stacks: an encoder reads a history, all of it at once, and a decoder writes the events after
/// it, one after another, each from those that it wrote before and from the states of the encoder.
///
/// Source: Vaswani et al., "Attention is all you need" (2017). Both stacks share the item table, which is tied to the
/// output. Positions of the history count from its end, since the last events matter most and histories have all
/// lengths; those of the decoder count from its start.
public struct EncoderDecoder: SequenceModel {
  /// How a model that writes is trained: an epoch has a few targets of each sequence, and so takes more epochs, and more
  /// patience.
  static let recipe = ["batch_size": "64", "epochs": "240", "patience": "40"]

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
  private let reader: TransformerStack
  private let writer: TransformerStack

  /// Declares the model's parameters.
  public init(_ configuration: ModelConfiguration, in store: ParameterStore) throws {
    itemCount = configuration.itemCount
    maskItem = configuration.maskItem
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: configuration.width, configuration.inputs,
      in: store)
    outputTable = configuration.ranksItems ? encoder.itemTable : nil
    reader = try TransformerStack(
      configuration, seesAll: true, prefix: "encoder.", positions: configuration.maximumLength,
      in: store)
    writer = try TransformerStack(
      configuration, reads: true, prefix: "decoder.", positions: configuration[.targetLength],
      in: store)
  }

  /// Hidden state `[N, D]` after the start and each written event, or after those that answer.
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
      preconditionFailure("seq2seq: a batch without sides")
    }
    let x = try encoder.vectorsWithGuesses(of: batch, on: tape)
    let read: Tensor? =
      earlier == nil
      ? try reader(
        try vectors(x, of: sides.read, reader, "encoder", on: tape), of: sides.read.batch,
        only: nil, on: tape) : nil
    let states = try writer(
      try vectors(x, of: sides.written, writer, "decoder", on: tape), of: sides.written.batch,
      only: nil, in: memory.map { writer.steps(in: $0, after: earlier, reads: true) } ?? [],
      reading: ReadStates(read, shape: sides.read.batch.shape), on: tape)
    return try sides.answers(rows, of: states, on: tape)
  }

  /// The vectors of the events of a side, with their positions on it.
  private func vectors(
    _ x: Tensor, of side: EventSide, _ stack: TransformerStack, _ name: String, on tape: Tape
  ) throws -> Tensor {
    let vectors = try tape.addPositions(
      try tape.rows(side.rows, of: x), stack.positions, events: side.batch.events)
    return try tape.dropout(
      vectors, rate: stack.dropout, layer: "\(name).embedding_dropout", events: side.batch.events)
  }
}

extension EncoderDecoder: IncrementalModel {
  /// The hidden states, with the keys and values of every block of the decoder kept: of what it wrote, and of what it
  /// reads.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows?, in memory: EventMemory,
    after earlier: EarlierEvents?, on tape: Tape
  ) throws -> Tensor {
    try states(of: batch, only: rows, in: memory, after: earlier, on: tape)
  }
}

extension EventSides {
  /// The states that were asked for, of those of all written events.
  func answers(_ rows: EventRows?, of states: Tensor, on tape: Tape) throws -> Tensor {
    guard let rows, rows.rows.count < states.shape[0] else { return states }
    guard let answers, answers.count == rows.rows.count, !tape.isTraining else {
      preconditionFailure(
        "seq2seq: \(rows.rows.count) of \(states.shape[0]) states, which are not the answers")
    }
    return try tape.backend.gatherRows(states, rows: answers)
  }
}
