import ClseqBase
public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``SequenceAutoencoder``.
  public static let autoencoder = compressing("autoencoder")
  /// ``SequenceAutoencoder`` whose codes have a normal distribution.
  public static let vae = compressing(
    "vae", [OwnedSetting(.beta), OwnedSetting(.klWarmupEpochs), OwnedSetting(.freeBits)])
  /// ``SequenceAutoencoder`` that reads sequences by convolutions.
  public static let convAutoencoder = compressing(
    "conv-autoencoder", [OwnedSetting(.filterWidth)], convolves: true)

  private static func compressing(
    _ name: String, _ own: [OwnedSetting] = [], convolves: Bool = false
  ) -> ModelKind {
    let shared = [
      OwnedSetting(.hiddenSize), OwnedSetting(.dropout, default: 0), OwnedSetting(.recurrentSizes),
      OwnedSetting(.codeSize), OwnedSetting(.wordDropout),
    ]
    let keys = Set(shared.map(\.key) + ["attention_window"])
    let encoder =
      convolves
      ? []
      : [OwnedSetting(.encoder)] + TransformerStack.settings.filter { !keys.contains($0.key) }
    return ModelKind(
      name, settings: shared + encoder + own, compresses: true,
      recipe: SequenceAutoencoder.recipe,
      fault: { SequenceAutoencoder.fault($0, convolves: convolves) },
      make: {
        try SequenceAutoencoder($0, convolves: convolves, isVariational: name == "vae", in: $1)
      })
  }
}

extension ModelSetting<Int> {
  /// C.
  public static var codeSize: ModelSetting {
    ModelSetting(
      "code_size", 32, .integer(1...65_536), "Numbers to which a sequence is compressed")
  }

  /// Epochs over which the divergence gets its weight.
  public static var klWarmupEpochs: ModelSetting {
    ModelSetting(
      "kl_warmup_epochs", 10, .integer(0...1_000_000),
      "Epochs over which --beta rises to its value, in equal steps")
  }
}

extension ModelSetting<Double> {
  /// Share of the decoder's inputs that are hidden.
  public static var wordDropout: ModelSetting {
    ModelSetting(
      "word_dropout", 0, .number(0..<1.000_001),
      "Share of the events that the decoder is not given in training, so that it relies on the code"
    )
  }

  /// β.
  public static var beta: ModelSetting {
    ModelSetting(
      "beta", 1, .number(0..<1_000_000),
      "Weight of the divergence of codes from N(0, 1) in the loss"
    )
  }

  /// Nats of a dimension that cost nothing.
  public static var freeBits: ModelSetting {
    ModelSetting(
      "free_bits", 0, .number(0..<1_000),
      "Divergence of each dimension of a sequence's code that costs nothing, in nats")
  }
}

/// An encoder that reads a whole sequence, a code of C numbers, and LSTM layers that write the sequence back from the
/// code: their first state is a function of it, and a linear map of it is added to each input, the vector of the item
/// before. In training the true item before is given, or with word dropout none.
///
/// `code = W r + b`, r the encoder's vector of the sequence. Of a variational one `m = W r + b`, `l = W′ r + b′` and
/// `code = m + exp(l / 2) ε` in training, m otherwise; the loss then has β times the divergence of N(m, eˡ) from N(0, 1).
///
/// Sources: Sutskever, Vinyals and Le, "Sequence to sequence learning with neural networks" (NeurIPS 2014), with the same
/// sequence on both sides as in Srivastava, Mansimov and Salakhutdinov, "Unsupervised learning of video representations
/// using LSTMs" (ICML 2015); Bowman et al., "Generating sentences from a continuous space" (CoNLL 2016), for the
/// variational one with its warm-up and word dropout; Higgins et al., "beta-VAE" (ICLR 2017).
public struct SequenceAutoencoder: CompressingModel {
  /// An autoencoder learns for long, in small steps of the loss.
  static let recipe = [
    "batch_size": "64", "epochs": "240", "patience": "20", "learning_rate": "0.003",
  ]
  /// The name of the divergence in logs.
  static let divergenceName = "KL"

  /// `[1 + V + specials, D]`; the last row is the start.
  public var itemTable: Parameter { events.itemTable }
  /// The item table itself, if items are written.
  public let outputTable: Parameter?
  /// Number of items V.
  public let itemCount: Int
  /// D.
  public var stateWidth: Int { events.width }
  /// The last row of the item table, that of the start and of events that are not given.
  public let maskItem: Int32?
  /// C.
  public let codeWidth: Int
  /// β; nil of one that is not variational.
  public let divergenceWeight: Double?
  /// The divergence of codes, unless it has no weight.
  public var auxiliaryLosses: [AuxiliaryLoss] {
    guard let weight = divergenceWeight, weight > 0 else { return [] }
    return [AuxiliaryLoss(Self.divergenceName, weight: Float(weight))]
  }
  private let events: EventEncoder
  private let reader: SequenceReader
  private let code: Linear
  private let logVariance: Linear?
  private let writer: CodeWriter
  private let dropout: DropoutRate
  private let warmupEpochs: Int
  private let freeNats: Float

  /// Why settings do not fit together; nil where they do.
  static func fault(_ configuration: ModelConfiguration, convolves: Bool) -> String? {
    let (columns, key) = SequenceReader.width(of: configuration, convolves: convolves)
    let size = configuration[.codeSize]
    guard size <= columns else {
      return
        "code_size (\(size)) is more than the \(columns) numbers of the encoder's state (\(key)): use at most as many"
    }
    guard !convolves, configuration[.encoder] == .transformer else { return nil }
    return TransformerStack.fault(configuration)
  }

  /// Declares the embeddings, `encoder`, `code` or `code.mean` and `code.log_variance`, and `decoder`.
  ///
  /// - Parameters:
  ///   - configuration: Sizes.
  ///   - convolves: Whether the encoder has convolutions.
  ///   - isVariational: Whether codes have a distribution.
  ///   - store: The store that gets the parameters.
  /// - Throws: `OpenCLError.overBudget` when constants do not fit.
  public init(
    _ configuration: ModelConfiguration, convolves: Bool, isVariational: Bool,
    in store: ParameterStore
  ) throws {
    itemCount = configuration.itemCount
    maskItem = configuration.maskItem
    dropout = DropoutRate(configuration.dropout)
    events = try EventEncoder(
      itemRows: configuration.itemRows, width: configuration.width, configuration.inputs,
      in: store)
    outputTable = configuration.ranksItems ? events.itemTable : nil
    reader = try SequenceReader(configuration, convolves: convolves, in: store)
    let width = SequenceReader.width(of: configuration, convolves: convolves).columns
    codeWidth = configuration[.codeSize]
    func map(_ name: String) -> Linear {
      Linear(
        name, inputs: width, outputs: configuration[.codeSize],
        deviation: 1 / Float(width).squareRoot(), in: store)
    }
    code = map(isVariational ? "code.mean" : "code")
    logVariance = isVariational ? map("code.log_variance") : nil
    divergenceWeight = isVariational ? configuration[.beta] : nil
    warmupEpochs = isVariational ? configuration[.klWarmupEpochs] : 0
    freeNats = isVariational ? Float(configuration[.freeBits]) : 0
    writer = CodeWriter(configuration, in: store)
  }

  /// The codes, or the means of their distributions.
  public func codes(of batch: EventBatch, on tape: Tape) throws -> SequenceCodes {
    let x = try events(
      batch, positions: reader.positions, dropout: dropout, layer: "encoder.embedding_dropout",
      on: tape)
    let vectors = try reader(x, of: batch, written(batch), on: tape)
    return SequenceCodes(
      try code(vectors, on: tape), logVariances: try logVariance?(vectors, on: tape))
  }

  /// The states of a batch's events from given codes.
  public func states(of batch: EventBatch, from codes: Tensor, on tape: Tape) throws -> Tensor {
    try writer(batch, written(batch), codes, table: itemTable, on: tape)
  }

  /// States `[N, D]` that say what each event is, or some events; in training from drawn codes.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows?, on tape: Tape
  ) throws -> Tensor {
    try states(of: batch, try codes(of: batch, on: tape), only: rows, on: tape)
  }

  /// The same, with the divergence of the codes in the course of its warm-up.
  public func trainingStates(
    of batch: EventBatch, at moment: TrainingMoment, only rows: EventRows?, on tape: Tape
  ) throws -> TrainingStates {
    let codes = try codes(of: batch, on: tape)
    let states = try states(of: batch, codes, only: rows, on: tape)
    guard let logVariances = codes.logVariances, let weight = auxiliaryLosses.first?.weight else {
      return TrainingStates(states)
    }
    let share = Float(min(moment.epoch + 1, warmupEpochs)) / Float(max(1, warmupEpochs))
    let loss = try tape.gaussianDivergence(
      mean: codes.means, logVariance: logVariances, least: freeNats,
      scale: weight * (warmupEpochs == 0 ? 1 : share) / Float(moment.eventCount))
    return TrainingStates(states, losses: [loss])
  }

  /// What is known before the first event is written.
  public func beginning(of codes: Tensor, on tape: Tape) throws -> WritingState {
    try writer.beginning(of: codes, on: tape)
  }

  /// The states of the next event of each sequence.
  public func next(
    after items: Indices, _ state: WritingState, on tape: Tape
  ) throws -> (states: Tensor, state: WritingState) {
    try writer.next(after: items, state, table: itemTable, on: tape)
  }

  private func states(
    of batch: EventBatch, _ codes: SequenceCodes, only rows: EventRows?, on tape: Tape
  ) throws -> Tensor {
    let drawn =
      try codes.logVariances.map {
        try tape.gaussianSample(
          mean: codes.means, logVariance: $0, sequences: written(batch).sequences, layer: "code")
      } ?? codes.means
    return try tape.rows(rows, of: try states(of: batch, from: drawn, on: tape))
  }

  private func written(_ batch: EventBatch) -> WrittenSequences {
    guard let written = batch.written else {
      preconditionFailure("SequenceAutoencoder: a batch that is not to be written back")
    }
    return written
  }
}
