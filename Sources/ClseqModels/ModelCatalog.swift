public import ClseqOps

/// The models by the names under which settings choose them.
public enum ModelName: String, CaseIterable, Codable, Sendable {
  /// `Transformer`.
  case transformer
  /// `RecurrentModel` of LSTM layers.
  case lstm
  /// `RecurrentModel` of GRU layers.
  case gru
  /// `LSTMAttention`.
  case lstmAttention = "lstm-attention"
  /// `TransformerCTR`.
  case transformerCTR = "transformer-ctr"
  /// `MultilayerPerceptron`.
  case mlp
  /// `ConvolutionalModel`.
  case cnn
  /// `DeepInterestNetwork`.
  case din
}

/// Makes models by name.
public enum ModelCatalog {
  /// A model whose parameters are declared in `store`.
  ///
  /// - Throws: `OpenCLError.overBudget` when constants of the model do not fit.
  public static func make(
    _ name: ModelName, _ configuration: ModelConfiguration, in store: ParameterStore
  ) throws -> any SequenceModel {
    switch name {
    case .transformer: try Transformer(configuration, in: store)
    case .lstm: try RecurrentModel(.lstm, configuration, in: store)
    case .gru: try RecurrentModel(.gru, configuration, in: store)
    case .lstmAttention: try LSTMAttention(configuration, in: store)
    case .transformerCTR: try TransformerCTR(configuration, in: store)
    case .mlp: try MultilayerPerceptron(configuration, in: store)
    case .cnn: try ConvolutionalModel(configuration, in: store)
    case .din: try DeepInterestNetwork(configuration, in: store)
    }
  }
}
