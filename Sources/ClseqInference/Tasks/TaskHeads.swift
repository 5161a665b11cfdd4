package import ClseqModels
package import ClseqNN
package import ClseqOps
package import ClseqRuns
package import ClseqSettings

/// The layers that turn the states of a model into the answers of its task.
package struct TaskHeads {
  /// One for each target, in the order of ``ClseqRuns/TaskDescription/heads``: `NAME.weight` and `NAME.bias`.
  package let targets: [Linear]
  /// That of the part about attributes of items, `attributes`; nil of a run without it.
  package let attributes: Linear?
  /// That of the part that compares stretches, `contrast`; nil of a run without it.
  package let contrast: ContrastHead?
  /// That of the part about second segments, `next_sequence`: the logit that it follows the first one, from the
  /// state of the summary; nil of a run without it.
  package let nextSequence: Linear?
  /// Those of written events, `reconstruction`; nil of a run that does not write sequences back.
  package let reconstruction: ReconstructionHeads?

  /// Declares the parameters.
  ///
  /// - Parameters:
  ///   - settings: The settings of the run.
  ///   - description: What the model gives.
  ///   - model: The model.
  ///   - store: The store.
  package init(
    _ settings: TrainingSettings, _ description: TaskDescription, of model: any SequenceModel,
    in store: ParameterStore
  ) {
    func head(_ name: String, _ outputCount: Int) -> Linear {
      Linear(name, inputs: model.stateWidth, outputs: outputCount, in: store)
    }
    targets = description.heads.map { head($0.name, $0.goal.outputCount) }
    contrast =
      settings.hasContrast
      ? ContrastHead(
        width: model.stateWidth, temperature: settings.contrastTemperature, in: store) : nil
    attributes = description.itemTargets.map { head("attributes", $0.width) }
    reconstruction =
      settings.writesSequences
      ? ReconstructionHeads(description.inputs, width: model.stateWidth, in: store) : nil
    nextSequence = settings.hasNextSequence ? head("next_sequence", 1) : nil
  }

  /// The head of a part that the task has.
  package static func present<Head>(_ head: Head?) -> Head {
    guard let head else { preconditionFailure("TaskHeads: a part without a head") }
    return head
  }
}
