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
  /// How a batch of examples becomes the one that the model sees.
  let views: BatchViews
  let scoring: any TaskScoring
  /// The model that this one learns from; nil for none.
  let teacher: Teacher?
  var split: Split { plan.split }
  var description: TaskDescription { plan.description }
  var inputs: EncodedInputs { plan.inputs }

  /// Declares the parameters of the model and of its heads.
  ///
  /// - Throws: As `TaskPlan.init`, and `SettingsError` for a baseline.
  init(_ settings: TrainingSettings, split: Split, in store: ParameterStore) throws {
    // What the run of --continue knows of inputs and targets holds.
    let earlier =
      try settings.continueFrom.isEmpty
      ? nil : RunLayout.existing(at: settings.continueFrom).task()
    plan = try TaskPlan(settings, split: split, goingOnFrom: earlier)
    model = try settings.model(settings.configuration(plan.inputs), in: store)
    let heads = TaskHeads(settings, plan.description, of: model, in: store)
    teacher =
      try settings.teacher.isEmpty
      ? nil : Teacher(settings, student: model, dataset: split.dataset, on: store.backend)
    views = BatchViews(settings, model: model, split: split)
    var rest = heads.targets[...]
    var tasks: [MultiTask.Part] = []
    for part in plan.parts {
      let task: any TrainingTask
      switch part.aim {
      case .items:
        task = ItemTask(
          views.examples, model: model,
          loss: try ItemLoss(settings, split: split, teacher: teacher))
      case .row(let row):
        task = try RowTask(
          row, examples: settings.asksNextEvents ? views.examples : row.examples,
          isMasked: views.hiding != nil && !model.writes, head: rest.removeFirst(), in: store)
      case .attributes(let targets):
        task = ItemAttributeTask(
          views.examples, targets, head: TaskHeads.present(heads.attributes))
      case .contrast:
        task = ContrastTask(views.examples, head: TaskHeads.present(heads.contrast))
      case .nextSequence:
        task = NextSequenceTask(views.examples, head: TaskHeads.present(heads.nextSequence))
      case .sequences(let examples):
        task = ReconstructionTask(
          examples, model: model, inputs: plan.inputs,
          heads: TaskHeads.present(heads.reconstruction))
      }
      tasks.append(.init(task: task, weight: part.weight))
    }
    task =
      tasks.count == 1 && tasks[0].weight == 1
      ? tasks[0].task : MultiTask(parts: tasks, examples: tasks[0].task.examples)
    scoring = plan.scoring(heads)
  }
}
