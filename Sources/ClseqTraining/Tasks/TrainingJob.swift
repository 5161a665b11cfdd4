import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings

/// A model with the heads of its task, to be trained on a split of the data.
struct TrainingJob {
  let plan: TaskPlan
  let model: any SequenceModel
  let task: any TrainingTask
  let scoring: any TaskScoring
  var split: Split { plan.split }
  var description: TaskDescription { plan.description }
  var inputs: EncodedInputs { plan.inputs }

  /// Declares the parameters of the model and of its heads.
  ///
  /// - Throws: As `TaskPlan.init`, and `SettingsError` for a baseline.
  init(_ settings: TrainingSettings, split: Split, in store: ParameterStore) throws {
    plan = try TaskPlan(settings, split: split)
    model = try settings.model(settings.configuration(plan.inputs), in: store)
    let heads = plan.description.heads.map { [model] in $0.layer(of: model, in: store) }
    var rest = heads[...]
    var tasks: [MultiTask.Part] = []
    for part in plan.parts {
      let task: any TrainingTask =
        if let row = part.row {
          try RowTask(row, head: rest.removeFirst(), in: store)
        } else {
          try Self.itemTask(settings, split: split, model: model)
        }
      tasks.append(.init(task: task, weight: part.weight))
    }
    task =
      tasks.count == 1 ? tasks[0].task : MultiTask(parts: tasks, examples: tasks[0].task.examples)
    scoring = plan.scoring(heads)
  }

  /// Training to rank items: those that follow events or, of a model that fills masks or writes, those of hidden
  /// events.
  private static func itemTask(
    _ settings: TrainingSettings, split: Split, model: any SequenceModel
  ) throws -> any TrainingTask {
    let loss = try ItemLoss(settings, split: split)
    guard let row = model.maskItem else {
      return NextItemTask(
        split.nextItemExamples(maximumLength: settings.maxLength), model: model, loss: loss)
    }
    return HiddenItemTask(
      split.hiddenItemExamples(maximumLength: settings.maxLength), model: model, loss: loss,
      hiding: model.writes
        ? settings.cuts(startingAt: row) : settings.masking(row, itemCount: model.itemCount))
  }
}
