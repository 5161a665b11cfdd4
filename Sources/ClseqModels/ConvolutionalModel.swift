public import ClseqNN
public import ClseqOps

extension ModelKind {
  /// ``ConvolutionalModel``.
  public static let cnn = ModelKind(
    "cnn",
    settings: [OwnedSetting(.hiddenSize), OwnedSetting(.dropout), OwnedSetting(.window)]
  ) { try ConvolutionalModel($0, in: $1) }
}

/// Convolutions over the last events' vectors: horizontal ones of every height up to the window,
/// with ReLU and the maximum over their positions, and vertical ones, which are weighted sums of
/// events. A dense layer with ReLU follows.
///
/// Source: Tang and Wang, "Personalized top-N sequential recommendation via convolutional sequence
/// embedding" (Caser, WSDM 2018), without user embeddings, so that the model works for new users.
public struct ConvolutionalModel: SequenceModel {
  /// Horizontal filters of each height.
  private static let horizontalCount = 16
  /// Vertical filters.
  private static let verticalCount = 4

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
  private let horizontal: [Linear]
  private let vertical: Parameter
  private let dense: Linear
  private let window: Int
  private let dropout: DropoutRate

  /// Declares the embeddings, `horizontal.1` …, `vertical.weight` and `dense`.
  public init(_ configuration: ModelConfiguration, in store: ParameterStore) throws {
    let (width, window) = (configuration.width, configuration[.window])
    itemCount = configuration.itemCount
    self.window = window
    dropout = DropoutRate(configuration.dropout)
    encoder = try EventEncoder(
      itemRows: configuration.itemRows, width: width, configuration.inputs, in: store)
    horizontal = (1...window).map {
      Linear("horizontal.\($0)", inputs: $0 * width, outputs: Self.horizontalCount, in: store)
    }
    vertical = store.declare(
      "vertical.weight", [Self.verticalCount, window],
      .normal(standardDeviation: 1 / Float(window)))
    dense = Linear(
      "dense", inputs: window * Self.horizontalCount + Self.verticalCount * width, outputs: width,
      in: store)
    outputTable = configuration.ranksItems ? encoder.itemTable : nil
  }

  /// States after each event, or after some events alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows? = nil, on tape: Tape
  ) throws -> Tensor {
    let x = try encoder(batch, dropout: dropout, layer: "embedding_dropout", on: tape)
    var parts: [Tensor] = []
    for (index, filters) in horizontal.enumerated() {
      let height = index + 1
      let seen =
        height == 1 ? x : try tape.causalWindow(x, times: batch.events.times, width: height)
      let found = try filters(seen, activation: .relu, on: tape)
      parts.append(
        try tape.causalWindowMax(found, times: batch.events.times, width: window - height + 1))
    }
    parts.append(try tape.causalWindowSum(x, weights: vertical, times: batch.events.times))
    let joined = try tape.dropout(
      try tape.concat(parts), rate: dropout, layer: "filter_dropout", events: batch.events)
    return try dense(try tape.rows(rows, of: joined), activation: .relu, on: tape)
  }
}
