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
    model = try settings.modelKind.model(settings.configuration(plan.inputs), in: store)
    let heads = plan.description.heads.map { [model] in $0.layer(of: model, in: store) }
    var rest = heads[...]
    var tasks: [MultiTask.Part] = []
    for part in plan.parts {
      let task: any TrainingTask =
        if let row = part.row {
          try RowTask(row, head: rest.removeFirst(), in: store)
        } else {
          NextItemTask(
            split.nextItemExamples(maximumLength: settings.maxLength), model: model,
            loss: try ItemLoss(settings, split: split))
        }
      tasks.append(.init(task: task, weight: part.weight))
    }
    task =
      tasks.count == 1 ? tasks[0].task : MultiTask(parts: tasks, examples: tasks[0].task.examples)
    scoring = plan.scoring(heads)
  }
}
