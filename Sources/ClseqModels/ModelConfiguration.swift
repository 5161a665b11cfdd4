public import ClseqNN
public import ClseqOps

/// The settings of all models; each model uses those that apply to it.
public struct ModelConfiguration: Sendable, Equatable {
  /// How a recurrent model with attention scores its states.
  public enum AttentionScore: String, Sendable, CaseIterable, Codable {
    /// By the scaled dot product with the last state.
    case dot
    /// By a learned vector's product with tanh of a linear map of the state (Bahdanau et al. 2015).
    case learned
  }

  /// Number of items V.
  public var itemCount: Int
  /// Rows of the item table above V, for inputs that are not items of the catalogue, such as the
  /// unknown item. They are never ranked, and are not classes of the softmax.
  public var specialCount = 0
  /// Longest input.
  public var maximumLength = 50
  /// Width D of embeddings and of transformers.
  public var width = 64
  /// Transformer blocks.
  public var layers = 2
  /// Attention heads, dividing the width.
  public var heads = 2
  /// Feed-forward width F.
  public var innerWidth = 256
  /// Probability of dropping a value in training.
  public var dropout: Float = 0.2
  /// The activation between the two feed-forward maps.
  public var activation = Activation.gelu
  /// The placement of the layer norms.
  public var norm = TransformerBlock.NormPlacement.pre
  /// How a transformer encodes the positions of events.
  public var positions = Transformer.Positions.learned
  /// Hidden sizes of stacked recurrent layers.
  public var recurrentSizes = [128]
  /// How a recurrent model with attention scores its states.
  public var attentionScore = AttentionScore.dot
  /// Number of last events that convolutions and the multilayer perceptron see.
  public var window = 5
  /// Width of the dense layers after attention, convolutions and target attention.
  public var denseWidth = 64
  /// Sizes of the inputs of events beside their items.
  public var inputs = EventInputSizes()
  /// Whether items are ranked, and therefore have output vectors.
  public var ranksItems = true

  /// The defaults.
  public init(itemCount: Int) { self.itemCount = itemCount }

  /// Rows of the item table.
  var itemRows: Int { 1 + itemCount + specialCount }

  /// A table of output vectors, for models whose states do not have the width of the embeddings.
  func declareOutputTable(width: Int, in store: ParameterStore) -> Parameter? {
    guard ranksItems else { return nil }
    return store.declare(
      "output.weight", [itemRows, width], .normal(standardDeviation: 0.02))
  }
}
