public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``DeepInterestNetwork``.
  public static let din = ModelKind(
    "din",
    settings: [
      OwnedSetting(.hiddenSize), OwnedSetting(.feedForwardSize), OwnedSetting(.dropout),
      OwnedSetting(.denseSize),
    ], needsCandidate: true
  ) { try DeepInterestNetwork($0, in: $1) }
}

/// Target attention for click-through rates: each event, as a candidate, weights the events before
/// it by a small network of both vectors and their product; the weighted sum and the candidate are
/// concatenated and pass through two dense layers.
///
/// Source: Zhou et al., "Deep interest network for click-through rate prediction" (KDD 2018).
/// Weights are not normalised, as there; the unit's nonlinearity is the sigmoid.
public struct DeepInterestNetwork: SequenceModel {
  /// Width of the attention unit's hidden layer, as in the paper.
  private static let unitWidth = 36

  /// `[1 + V + specials, D]`.
  public var itemTable: Parameter { encoder.itemTable }
  /// Always nil: the state depends on the candidate, so that items cannot be ranked by a product.
  public let outputTable: Parameter? = nil
  /// Number of items V.
  public let itemCount: Int
  /// Width of the dense layers.
  public let stateWidth: Int
  private let encoder: EventEncoder
  private let query: Linear
  private let key: Linear
  private let product: Parameter
  private let unit: Parameter
  private let dense: [Linear]
  private let dropout: DropoutRate

  /// Declares the embeddings, `attention` and `dense.0`, `dense.1`.
  public init(_ configuration: ModelConfiguration, in store: ParameterStore) throws {
    let width = configuration.width
    let unitWidth = Self.unitWidth
    itemCount = configuration.itemCount
    stateWidth = configuration[.denseSize]
    dropout = DropoutRate(configuration.dropout)
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: width, configuration.inputs, in: store)
    query = Linear("attention.query", inputs: width, outputs: unitWidth, in: store)
    key = Linear("attention.key", inputs: width, outputs: unitWidth, hasBias: false, in: store)
    product = store.declare(
      "attention.product.weight", [unitWidth, width], .normal(standardDeviation: 0.02))
    unit = store.declare(
      "attention.unit.weight", [unitWidth], .normal(standardDeviation: 0.02))
    dense = [
      Linear("dense.0", inputs: 2 * width, outputs: configuration.innerWidth, in: store),
      Linear(
        "dense.1", inputs: configuration.innerWidth, outputs: configuration[.denseSize], in: store),
    ]
  }

  /// States after each candidate, or after some candidates alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows? = nil, on tape: Tape
  ) throws -> Tensor {
    let candidates = try encoder(
      batch, dropout: dropout, layer: "candidate_dropout", on: tape)
    let history = try encoder(
      batch, outcomes: true, dropout: dropout, layer: "history_dropout", on: tape)
    let interest = try tape.targetAttention(
      q: candidates, k: history, queryPart: try query(candidates, on: tape),
      keyPart: try key(history, on: tape), product: product, output: unit,
      shape: batch.shape, window: batch.maximumLength)
    var x = try tape.rows(rows, of: try tape.concat([interest, candidates]))
    for layer in dense { x = try layer(x, activation: .relu, on: tape) }
    return x
  }
}
