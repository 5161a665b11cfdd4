package import ClseqData
package import ClseqModels
import ClseqNN

extension TrainingSettings {
  /// The network's name.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)`` for a baseline.
  package var networkName: ModelName {
    get throws(SettingsError) {
      guard case .network(let name) = model else {
        throw .doNotFit("\(model.rawValue) is a baseline, which is not trained in steps")
      }
      return name
    }
  }

  /// What the model is told.
  package func configuration(_ inputs: EncodedInputs) -> ModelConfiguration {
    var configuration = ModelConfiguration(itemCount: inputs.itemCount)
    configuration.specialCount = inputs.hasUnknownItem ? 1 : 0
    configuration.maximumLength = maxLength
    configuration.width = hiddenSize
    configuration.layers = layers
    configuration.heads = heads
    configuration.innerWidth = feedForwardWidth
    configuration.dropout = Float(dropout)
    configuration.activation = activation
    configuration.norm = norm
    configuration.positions = positions
    configuration.recurrentSizes = recurrentSizes
    configuration.attentionScore = attentionScore
    configuration.window = window
    configuration.denseWidth = denseSize
    configuration.ranksItems = ranksItems
    configuration.inputs.typeCount = inputs.encoding.typeCount
    configuration.inputs.gapCount = inputs.encoding.hasGaps ? InputEncoding.gapCount : 0
    configuration.inputs.numberCount = inputs.encoding.numberCount
    if let items = inputs.encoding.items, items.width > 0 {
      configuration.inputs.items = .init(inputs.itemValues, width: items.width)
    }
    if let users = inputs.encoding.users, users.width > 0 {
      configuration.inputs.users = .init(inputs.userValues, width: users.width)
    }
    return configuration
  }
}
