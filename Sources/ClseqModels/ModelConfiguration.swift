public import ClseqNN
import ClseqOps

/// What a model is made of: the facts of its data and task, and the values of its settings.
public struct ModelConfiguration: Sendable, Equatable {
  /// Number of items V.
  public var itemCount: Int
  /// Rows of the item table above V, for inputs that are not items of the catalogue: the unknown item and the mask,
  /// which is the last of them. They are never ranked, and are not classes of the softmax.
  public var specialCount = 0
  /// Whether one of these rows is the mask of events to be predicted, or the start of those to be written.
  public let hasMask: Bool
  /// Whether a row after that of the mask is the summary in front of sequences.
  public var hasSummary = false
  /// Longest input.
  public var maximumLength = 50
  /// Sizes of the inputs of events beside their items.
  public var inputs = EventInputSizes()
  /// Whether items are ranked, and therefore have output vectors.
  public var ranksItems = true
  /// How the maps of transformer blocks are adapted; nil where their weights are trained.
  public var adaptation: LowRankAdaptation?
  /// The values of the model's settings.
  public var values: ModelValues

  /// A configuration with the model's defaults.
  ///
  /// - Parameters:
  ///   - kind: The kind of model.
  ///   - itemCount: Number of items V.
  ///   - values: Win over the defaults.
  public init(_ kind: ModelKind, itemCount: Int, _ values: ModelValues = ModelValues()) {
    self.itemCount = itemCount
    hasMask = !kind.answersEachEvent
    specialCount = hasMask ? 1 : 0
    self.values = values.over(kind.defaults)
  }

  /// The value of a setting.
  public subscript<Value>(setting: ModelSetting<Value>) -> Value {
    get { values[setting] ?? setting.defaultValue }
    set { values[setting] = newValue }
  }

  /// Model width D.
  var width: Int { self[.hiddenSize] }

  /// Feed-forward width F.
  var innerWidth: Int { self[.feedForwardSize] == 0 ? 4 * width : self[.feedForwardSize] }

  /// Width K of an attention head.
  var headWidth: Int {
    self[.headWidth] == 0 ? width / self[.heads] : self[.headWidth]
  }

  /// Probability that a value is dropped in training.
  var dropout: Float { Float(self[.dropout]) }

  /// Rows of the item table.
  var itemRows: Int { 1 + itemCount + specialCount + (hasSummary ? 1 : 0) }

  /// The row of the mask; nil where there is none.
  var maskItem: Int32? { hasMask ? Int32(itemCount + specialCount) : nil }

  /// The row of the summary; nil where there is none.
  var summaryItem: Int32? { hasSummary ? Int32(itemRows - 1) : nil }

  /// Events of the longest sequence: a mask may follow the inputs.
  var positionCount: Int { maximumLength + (hasMask ? 1 : 0) }

  /// A table of output vectors, for models whose states do not have the width of the embeddings.
  func declareOutputTable(width: Int, in store: ParameterStore) -> Parameter? {
    guard ranksItems else { return nil }
    return store.declare(
      "output.weight", [itemRows, width], .normal(standardDeviation: 0.02), isTable: true)
  }
}
