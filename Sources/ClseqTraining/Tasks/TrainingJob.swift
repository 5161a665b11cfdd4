import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps

/// A model with the heads of its task, on a split of the data.
struct TrainingJob {
  let split: Split
  let inputs: EncodedInputs
  let model: any SequenceModel
  let task: any TrainingTask
  let description: TaskDescription

  /// Declares the parameters of the model and of its heads.
  ///
  /// - Throws: `DataError.lacks` and `.unfit` where the data does not fit the task, `SettingsError`.
  init(_ settings: TrainingSettings, split: Split, in store: ParameterStore) throws {
    guard case .network(let name) = settings.model else {
      throw SettingsError.doNotFit(
        "\(settings.model.rawValue) is a baseline, which is not trained in steps")
    }
    self.split = split
    let parts = try settings.parts(of: split)
    let cutoff = parts.compactMap { $0.targets?.cutoff }.first
    var description = TaskDescription(
      task: settings.task, heads: [],
      inputs: try InputEncoding(
        settings.inputKinds, rule: settings.targetRule, of: split.dataset, fittedTo: split),
      cutoff: cutoff)
    let readsUsers =
      description.inputs.users != nil || !(settings.targetRule?.userAttributes ?? []).isEmpty
    if readsUsers { description.tables["users"] = split.dataset.userAttributes?.source.hash }
    if description.inputs.items != nil {
      description.tables["items"] = split.dataset.itemAttributes?.source.hash
    }
    if cutoff != nil { description.horizon = settings.horizonMicroseconds }
    if description.inputs.hasAges { description.moment = split.dataset.momentAfterLastEvent }
    inputs = EncodedInputs(
      description.inputs, of: split.dataset,
      moment: split.moments?.training ?? cutoff ?? description.moment)
    model = try ModelCatalog.make(name, settings.configuration(inputs), in: store)
    var tasks: [MultiTask.Part] = []
    for part in parts {
      let task: any TrainingTask
      if let targets = part.targets {
        let row = try Self.rowTask(part, targets, settings, split, model, in: store)
        description.heads.append(
          .init(name: part.headName, target: targets.rule.text, goal: row.goal))
        task = row
      } else {
        task = NextItemTask(
          split.nextItemExamples(maximumLength: settings.maxLength), split: split, model: model,
          loss: try ItemLoss(settings, split: split))
      }
      tasks.append(.init(name: part.name, task: task, weight: part.weight))
    }
    self.description = description
    task =
      tasks.count == 1 ? tasks[0].task : MultiTask(parts: tasks, examples: tasks[0].task.examples)
  }

  private static func rowTask(
    _ part: TaskPart, _ targets: Targets, _ settings: TrainingSettings, _ split: Split,
    _ model: any SequenceModel, in store: ParameterStore
  ) throws -> RowTask {
    let places = try TaskExamples(
      split: split, targets: targets, maximumLength: settings.maxLength, reach: model.reach)
    let examples =
      settings.task == .multi
      ? split.nextItemExamples(maximumLength: settings.maxLength) : places.training
    let path = split.dataset.source.name
    let goal = try RowGoal(
      settings, task: part.kind, targets: places.trainingTargets, path: path
    ) { take in
      places.forEachKnown(of: examples, part: nil) { index, _, _ in take(index) }
    }
    for part in Split.Part.allCases {
      try goal.requireScorable(places.targets(of: part), part: part, path: path) { take in
        places.forEachKnown(of: places.asked(by: part), part: part) { index, _, _ in take(index) }
      }
    }
    return try RowTask(
      part.headName, goal: goal, examples: examples, places: places,
      stateWidth: model.stateWidth, in: store)
  }
}

/// A part of a task: the ranking of items, or one target.
struct TaskPart {
  let kind: TaskKind
  /// Nil for the ranking of items.
  let targets: Targets?
  let weight: Float
  /// Its place among several; nil for the only one.
  var place: Int?

  /// The name of its figures.
  var name: String { targets?.rule.text ?? "next-item" }

  /// The name of its parameters.
  var headName: String {
    place.map { "head.\($0)" } ?? "head"
  }
}

extension TrainingSettings {
  /// The parts of the task on a split.
  fileprivate func parts(of split: Split) throws -> [TaskPart] {
    func targets(_ rule: TargetRule) throws -> Targets {
      try Targets(
        rule, of: split.dataset, horizon: horizonMicroseconds,
        cutoff: cutoffTime(of: split.dataset))
    }
    guard task == .multi else {
      return [
        TaskPart(
          kind: task, targets: try targetRule.map(targets), weight: 1)
      ]
    }
    return try tasks.parts.enumerated().map { place, part in
      let kind: TaskKind =
        switch part.rule {
        case nil: .nextItem
        case .nextType: .nextEventType
        case .returnTime: .timeToEvent
        default: .regress
        }
      return TaskPart(
        kind: kind, targets: try part.rule.map(targets), weight: part.weight, place: place)
    }
  }

  /// What the model is told.
  func configuration(_ inputs: EncodedInputs) -> ModelConfiguration {
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
