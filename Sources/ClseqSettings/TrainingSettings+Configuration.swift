package import ClseqData
package import ClseqModels
import ClseqNN
package import ClseqOps

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

  /// A model whose parameters are declared in a store, with the pooling that the task has.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)`` for a baseline, `OpenCLError.overBudget` when constants of the
  ///   model do not fit.
  package func model(
    _ configuration: ModelConfiguration, in store: ParameterStore
  ) throws -> any SequenceModel {
    let model = try modelKind.model(configuration, in: store)
    let isMean = takesPooling && [.mean, .attention].contains(pooling)
    return isMean ? PooledModel(model, pooling, in: store) : model
  }

  /// Whether the task has one head, which may read pooled states.
  var takesPooling: Bool { ![.ranking, .parts, .sequence].contains(task.answer) }

  /// The model's settings, and the facts of its inputs.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)`` for a baseline.
  package func configuration(_ inputs: EncodedInputs) throws(SettingsError) -> ModelConfiguration {
    try configuration(
      inputs.encoding, itemCount: inputs.itemCount, hasUnknownItem: inputs.hasUnknownItem,
      itemValues: inputs.itemValues, userValues: inputs.userValues)
  }

  /// The same without a dataset.
  ///
  /// - Parameters:
  ///   - itemValues: Numbers of attributes, `[item rows, width]`; empty where the model takes none.
  ///   - userValues: Numbers of attributes, `[users, width]`; empty where the model takes none.
  /// - Throws: ``SettingsError/doNotFit(_:)`` for a baseline.
  package func configuration(
    _ encoding: InputEncoding, itemCount: Int, hasUnknownItem: Bool, itemValues: [Float],
    userValues: [Float]
  ) throws(SettingsError) -> ModelConfiguration {
    var configuration = try ModelConfiguration(modelKind, itemCount: itemCount, modelValues)
    configuration.specialCount += hasUnknownItem ? 1 : 0
    configuration.hasSummary = hasSummary
    configuration.inputs.hasSegments = hasNextSequence
    configuration.maximumLength = maxLength
    configuration.ranksItems = ranksItems || writesSequences
    configuration.adaptation = adaptation
    configuration.inputs.typeCount = encoding.typeCount
    configuration.inputs.gapCount = encoding.hasGaps ? InputEncoding.gapCount : 0
    configuration.inputs.numberCount = encoding.numberCount
    if let width = encoding.items?.width, width > 0 {
      // Nothing is known of a mask and a summary.
      let rows = [configuration.hasMask, configuration.hasSummary].count { $0 }
      let nothing = [Float](repeating: 0, count: rows * width)
      configuration.inputs.items = .init(itemValues + nothing, width: width)
    }
    if let width = encoding.users?.width, width > 0 {
      configuration.inputs.users = .init(userValues, width: width)
    }
    return configuration
  }
}
