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
    let heads = plan.description.heads.map { [model] in $0.layer(of: model, in: store) }
    teacher =
      try settings.teacher.isEmpty
      ? nil : Teacher(settings, student: model, dataset: split.dataset, on: store.backend)
    let contrast = ContrastHead(settings, width: model.stateWidth, in: store)
    let attributes = plan.description.attributeHead(of: model, in: store)
    let views = BatchViews(settings, model: model)
    let examples: Examples =
      settings.asksNextEvents
      ? views.examples(of: split, maximumLength: settings.maxLength) : []
    var rest = heads[...]
    var tasks: [MultiTask.Part] = []
    for part in plan.parts {
      let task: any TrainingTask
      switch part.aim {
      case .items:
        task = ItemTask(
          examples, model: model, loss: try ItemLoss(settings, split: split, teacher: teacher))
      case .row(let row):
        task = try RowTask(
          row, examples: settings.asksNextEvents ? examples : row.examples,
          isMasked: views.hiding != nil && !model.writes, head: rest.removeFirst(), in: store)
      case .attributes(let targets):
        guard let attributes else {
          preconditionFailure("TrainingJob: attributes without a head")
        }
        task = ItemAttributeTask(examples, targets, head: attributes)
      case .contrast:
        guard let contrast else { preconditionFailure("TrainingJob: contrast without a head") }
        task = ContrastTask(examples, head: contrast)
      }
      tasks.append(.init(task: task, weight: part.weight))
    }
    task =
      tasks.count == 1 && tasks[0].weight == 1
      ? tasks[0].task : MultiTask(parts: tasks, examples: tasks[0].task.examples)
    self.views = views
    scoring = plan.scoring(heads, attributes: attributes, contrast: contrast)
  }
}
