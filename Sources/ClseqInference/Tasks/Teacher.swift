package import ClseqData
package import ClseqModels
package import ClseqOps
import ClseqRuns
package import ClseqSettings

/// A trained model whose scores of items another one learns from (Hinton, Vinyals and Dean, Distilling the
/// knowledge in a neural network, 2015).
package struct Teacher {
  /// The run, its checkpoint and the hash of its parameters, for passports.
  package let description: String
  private let loaded: LoadedModel
  private let table: Parameter
  private let runner: ModelRunner
  private let weight: Float
  private let temperature: Float

  /// Opens the best model of the run of `TrainingSettings.teacher`.
  ///
  /// - Parameters:
  ///   - settings: Those of the student.
  ///   - student: The model that learns.
  ///   - dataset: What it learns on.
  ///   - backend: Where both run.
  /// - Throws: `SettingsError.doNotFit` for a run that cannot teach this student; `RunDirectoryError`,
  ///   `CheckpointError` and `ParameterFileError` where the run is incomplete or damaged;
  ///   `OpenCLError.overBudget`.
  package init(
    _ settings: TrainingSettings, student: any SequenceModel, dataset: SequenceDataset,
    on backend: Backend
  ) throws {
    let layout = try RunLayout.existing(at: settings.teacher)
    let run = try TrainedRun(layout, settings: try layout.settings())
    if let fault = Self.fault(run, settings, dataset) {
      throw SettingsError.doNotFit("the teacher \(layout.path) \(fault)")
    }
    let encoding = run.description.inputs
    let inputs = EncodedInputs(
      encoding, of: dataset, moment: encoding.hasAges ? try run.requiredMoment(nil) : nil)
    loaded = try LoadedModel(run, userValues: inputs.userValues, on: backend)
    guard let table = loaded.model.outputTable,
      loaded.model.maskItem == student.maskItem, loaded.model.writes == student.writes
    else {
      throw SettingsError.doNotFit(
        "the teacher \(layout.path) is a \(run.settings.model.rawValue), which does not score the item that "
          + "a \(settings.model.rawValue) does: "
          + (student.maskItem == nil
            ? "it needs one that predicts the item after each event"
            : "it needs another \(settings.model.rawValue)"))
    }
    self.table = table
    runner = loaded.runner(inputs)
    (weight, temperature) = (Float(settings.teacherWeight), Float(settings.teacherTemperature))
    let checkpoint = try layout.verifiedBest(for: [ModelFile.parameters])
    description =
      "\(layout.path) (\(run.settings.model.rawValue), \(checkpoint.name), \(try checkpoint.parametersHash()))"
  }

  /// Why a run cannot teach, after its name; nil where it can, as far as is known before its model is built.
  private static func fault(
    _ run: TrainedRun, _ settings: TrainingSettings, _ dataset: SequenceDataset
  ) -> String? {
    guard case .network = run.settings.model else {
      return
        "is the baseline \(run.settings.model.rawValue), whose scores are no probabilities: it needs "
        + "a model"
    }
    guard run.ranksItems else {
      return "has the task \(run.settings.task.rawValue), which ranks no items"
    }
    guard run.vocabulary == dataset.vocabulary else {
      return "ranks other items than \(dataset.source.name) has (\(run.vocabulary.count), and "
        + "\(dataset.itemCount)): train it on this log first"
    }
    guard run.settings.maxLength >= settings.maxLength else {
      return "sees \(run.settings.maxLength) events, and max_length is \(settings.maxLength): add "
        + "--max-length \(run.settings.maxLength)"
    }
    if let missing = run.description.inputs.missing(in: dataset).first {
      return "takes \(missing.what), which are not read: add them to --inputs (\(missing.option))"
    }
    return nil
  }

  /// Adds the arrays that the teacher takes of a batch to an upload.
  ///
  /// - Returns: The soft targets of the batch's target rows, from the uploaded arrays.
  package func prepare(
    _ batch: RaggedBatch, in plan: inout UploadPlan
  ) -> (_ arrays: UploadedArrays) throws -> SoftTargets {
    let events = runner.add(batch, isTraining: false, to: &plan)
    let rows =
      batch.targetRows.count < batch.eventCount ? plan.integers(batch.targetRows) : nil
    return { arrays in
      let states = try loaded.model.hiddenStates(
        of: events(arrays), only: rows.map { EventRows(arrays[$0]) },
        on: Tape(runner.backend, mode: .inference))
      return SoftTargets(
        states: states, table: table.value, weight: weight, temperature: temperature)
    }
  }
}
