public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``DeepLearningRecommendationModel``.
  public static let dlrm = ModelKind(
    "dlrm",
    settings: [
      OwnedSetting(.hiddenSize), OwnedSetting(.feedForwardSize), OwnedSetting(.dropout),
      OwnedSetting(.window, default: 10), OwnedSetting(.denseSize),
    ],
    fault: { configuration in
      configuration[.window] > DeepLearningRecommendationModel.longestWindow
        ? "dlrm multiplies all pairs of vectors: its window must be at most "
          + "\(DeepLearningRecommendationModel.longestWindow)"
        : nil
    }
  ) { try DeepLearningRecommendationModel($0, in: $1) }
}

/// Products of features for click-through rates: every input of an event (its item, type, gap, numbers
/// and attributes) is a vector, and so is each of the last events before it, with its outcome. The dot
/// products of all pairs of these vectors, beside a dense vector, pass through two dense layers.
///
/// Source: Naumov et al., "Deep learning recommendation model for personalization and recommendation
/// systems" (arXiv 1906.00091, 2019). The bottom layer makes the dense vector of all the vectors, since
/// events need not have dense features, as there.
public struct DeepLearningRecommendationModel: SequenceModel {
  /// Maximum number of events in the window.
  static let longestWindow = 100

  /// `[1 + V + specials, D]`.
  public var itemTable: Parameter { encoder.itemTable }
  /// A table of its own, if items are ranked.
  public let outputTable: Parameter?
  /// Number of items V.
  public let itemCount: Int
  /// Width of the dense layers.
  public let stateWidth: Int
  /// The window and the event itself.
  public var reach: Int? { window + 1 }
  private let encoder: EventEncoder
  private let bottom: Linear
  private let dense: [Linear]
  private let window: Int
  private let dropout: DropoutRate

  /// Declares the embeddings, `bottom`, and `dense.0`, `dense.1`.
  public init(_ configuration: ModelConfiguration, in store: ParameterStore) throws {
    let width = configuration.width
    itemCount = configuration.itemCount
    window = configuration[.window]
    stateWidth = configuration[.denseSize]
    dropout = DropoutRate(configuration.dropout)
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: width, configuration.inputs, in: store)
    let vectors = encoder.featureCount + window
    bottom = Linear("bottom", inputs: vectors * width, outputs: width, in: store)
    dense = [
      Linear(
        "dense.0", inputs: width + vectors * (vectors - 1) / 2, outputs: configuration.innerWidth,
        in: store),
      Linear("dense.1", inputs: configuration.innerWidth, outputs: stateWidth, in: store),
    ]
    outputTable = configuration.declareOutputTable(width: stateWidth, in: store)
  }

  /// States after each event, or after some events alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows? = nil, on tape: Tape
  ) throws -> Tensor {
    let features = try encoder.features(batch, on: tape)
    let history = try tape.causalWindow(
      try encoder(batch, outcomes: true, layer: "", on: tape), times: batch.events.times,
      width: window, lag: 1)
    let all = try tape.dropout(
      try tape.concat(features + [history]), rate: dropout, layer: "embedding_dropout",
      events: batch.events)
    let joined = try tape.rows(rows, of: all)
    let x = try tape.reshape(
      joined, [joined.shape[0], encoder.featureCount + window, encoder.width])
    let products = try tape.matmul(x, x, transposeB: true)
    var y = try tape.concat([
      try bottom(joined, activation: .relu, on: tape), try tape.lowerTriangle(products),
    ])
    for layer in dense { y = try layer(y, activation: .relu, on: tape) }
    return y
  }
}
