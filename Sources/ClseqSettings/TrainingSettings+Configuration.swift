package import ClseqData
package import ClseqModels
import ClseqNN

extension TrainingSettings {
  /// The kind of a model that is trained in steps.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)`` for a baseline.
  package var modelKind: ModelKind {
    get throws(SettingsError) {
      guard let kind = model.kind else {
        throw .doNotFit("\(model.rawValue) is a baseline, which is not trained in steps")
      }
      return kind
    }
  }

  /// The model's settings, and the facts of its inputs.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)`` for a baseline.
  package func configuration(
    _ inputs: EncodedInputs
  ) throws(SettingsError) -> ModelConfiguration {
    var configuration = try ModelConfiguration(modelKind, itemCount: inputs.itemCount, modelValues)
    configuration.specialCount = inputs.hasUnknownItem ? 1 : 0
    configuration.maximumLength = maxLength
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
