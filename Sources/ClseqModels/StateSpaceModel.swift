import ClseqBase
public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``StateSpaceModel``.
  public static let ssm = ModelKind(
    "ssm",
    settings: [
      OwnedSetting(.hiddenSize), OwnedSetting(.layers), OwnedSetting(.recurrence),
      OwnedSetting(.stateSize),
      OwnedSetting(.feedForwardSize), OwnedSetting(.dropout), OwnedSetting(.activation),
      OwnedSetting(.norm),
    ]
  ) { try StateSpaceModel($0, in: $1) }
}

extension ModelSetting<Int> {
  /// Channels C of the state of a block; 0 for twice the model width.
  public static var stateSize: ModelSetting {
    ModelSetting(
      "state_size", 0, .integer(0...65_536),
      "Channels of the state of a state-space block; 0 for twice the hidden size")
  }
}

extension ModelSetting<StateSpaceKind> {
  /// The recurrence of state-space blocks.
  public static var recurrence: ModelSetting {
    ModelSetting(
      "recurrence", .linear, .choice,
      "Recurrence of a state-space block: linear (LRU), or selective, by gates of the event")
  }
}

/// Blocks of a state-space layer and a feed-forward part over the events' vectors, with a tied item table. The state
/// after an event has a fixed size, so that one event more costs the same however many came before it.
///
/// Sources: Yue et al., "Linear recurrent units for sequential recommendation" (LRURec, WSDM 2024); Liu et al., "Mamba4Rec:
/// towards efficient sequential recommendation with selective state space models" (2024).
public struct StateSpaceModel: SequenceModel {
  /// `[1 + V + specials, D]`.
  public var itemTable: Parameter { encoder.itemTable }
  /// The item table itself, if items are ranked.
  public let outputTable: Parameter?
  /// Number of items V.
  public let itemCount: Int
  /// D.
  public var stateWidth: Int { encoder.width }
  private let encoder: EventEncoder
  private let blocks: [StateSpaceBlock]
  private let norm: LayerNorm?
  private let dropout: DropoutRate

  /// Declares the embeddings, `blocks.0` … and, with norms before the parts, `norm`.
  public init(_ configuration: ModelConfiguration, in store: ParameterStore) throws {
    let width = configuration.width
    itemCount = configuration.itemCount
    dropout = DropoutRate(configuration.dropout)
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: width, configuration.inputs, in: store)
    outputTable = configuration.ranksItems ? encoder.itemTable : nil
    let channels = configuration[.stateSize]
    let sizes = StateSpaceSizes(
      width: width, channels: channels == 0 ? 2 * width : channels,
      gapCount: configuration.inputs.gapCount)
    let block = StateSpaceBlock.Configuration(
      configuration[.recurrence], sizes, innerWidth: configuration.innerWidth,
      dropout: configuration.dropout, activation: configuration[.activation],
      norm: configuration[.norm])
    blocks = (0..<configuration[.layers]).map { StateSpaceBlock("blocks.\($0)", block, in: store) }
    norm = configuration[.norm] == .pre ? LayerNorm("norm", width: width, in: store) : nil
  }

  /// Hidden state `[N, D]` after each event, or after some events alone; then the last block computes everything after
  /// its recurrence for those events alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows? = nil, on tape: Tape
  ) throws -> Tensor {
    try run(batch, only: rows, on: tape) { _ in nil }.states
  }

  private func run(
    _ batch: EventBatch, only rows: EventRows?, on tape: Tape,
    memory: (_ layer: Int) -> StateMemory?
  ) throws -> (states: Tensor, layers: [LayerState]) {
    let x = try encoder(batch, dropout: dropout, layer: "embedding_dropout", on: tape)
    var stream = try blocks[0].stream(from: x, on: tape)
    var layers: [LayerState] = []
    for (number, block) in blocks.enumerated() {
      let isLast = number == blocks.count - 1
      let (next, state) = try block(
        stream, before: isLast ? nil : blocks[number + 1], norm: norm, of: batch,
        only: isLast ? rows : nil, in: memory(number), on: tape)
      stream = next
      if let state { layers.append(state) }
    }
    return (stream.normed, layers)
  }
}

extension StateSpaceModel: IncrementalModel {
  /// The hidden states, with the states of all blocks after the last events kept.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows?, in memory: EventMemory,
    after earlier: EarlierEvents?, on tape: Tape
  ) throws -> Tensor {
    let initial = try earlier.flatMap { try memory.recurrent?.rows($0.parents, on: tape.backend) }
    let (states, layers) = try run(batch, only: rows, on: tape) { layer in
      StateMemory(initial?.layers[layer])
    }
    memory.recurrent = RecurrentState(layers: layers)
    return states
  }
}
