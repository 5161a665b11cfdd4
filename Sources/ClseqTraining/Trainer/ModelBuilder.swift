public import ClseqData
public import ClseqModels
import ClseqNN
public import ClseqOps

extension TrainingSettings {
  /// The model that these settings describe.
  ///
  /// - Parameters:
  ///   - vocabulary: the items.
  ///   - store: takes the model's parameters, which `allocate` then fills.
  public func makeModel(for vocabulary: Vocabulary, in store: ParameterStore) throws
    -> any SequenceModel
  {
    guard case .network(let name) = model else {
      throw SettingsError.doNotFit("\(model.rawValue) is a baseline, which is not trained in steps")
    }
    return try ModelCatalog.make(
      name,
      Transformer.Configuration(
        itemCount: vocabulary.count, specialCount: vocabulary.hasUnknown ? 1 : 0,
        maximumLength: maxLength, layers: layers,
        block: .init(
          width: hiddenSize, heads: heads, innerWidth: feedForwardWidth, dropout: Float(dropout),
          activation: activation, norm: norm),
        positions: positions), in: store)
  }
}
