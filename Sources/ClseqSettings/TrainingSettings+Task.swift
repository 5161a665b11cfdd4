import ClseqBase
public import ClseqData
import ClseqModels
import Foundation

extension TrainingSettings {
  /// The usual settings of a task and a model.
  ///
  /// - Parameters:
  ///   - task: the task.
  ///   - model: nil for the task's usual one.
  ///   - target: nil for the task's usual one.
  public init(task: TaskKind, model: ModelChoice? = nil, target: TargetRule? = nil) {
    self.init()
    self.task = task
    self.model = model ?? task.usualModel
    self.target = target
    let kind = self.model.kind
    let hasRecipe =
      [.ranking, .sequence].contains(task.answer) || task == .multi && kind?.writes ?? false
    if hasRecipe, let recipe = kind?.recipe {
      var settings = ResolvedSettings(self)
      for (key, text) in recipe {
        precondition(
          Setting.named(key)?.assign(text, &settings) ?? false,
          "\(self.model.rawValue): '\(text)' is no \(key)")
      }
      self = settings.training
    }
    if task == .pretrain { tasks = .pretraining }
    let rule = target ?? task.usualTarget
    // Who does not return is seen where all events of a user are for training.
    if rule?.isCensored ?? false || task.answer == .sequence { splitBy = .user }
    switch rule?.subject {
    case .event: splitBy = rule?.tagsEvents ?? false ? .user : .time
    case .user: splitBy = .user
    case .nextEvent, nil: break
    }
  }

  /// Where the truth of a supervised task stands; nil for the ranking of items and for several tasks.
  public var targetRule: TargetRule? {
    target ?? task.usualTarget
  }

  /// The task with its target, parts or horizon, for passports.
  package var taskTitle: String {
    var words = [task.rawValue]
    if task.answer == .parts { words.append(tasks.description) }
    if let rule = targetRule {
      words.append(rule.text)
      if rule.hasHorizon { words.append("within \(DurationText.words(horizon))") }
      if rule.hasHorizon, let cutoff { words.append("from \(cutoff)") }
    }
    return words.joined(separator: " ")
  }

  /// Whether items are ranked, and so have output vectors.
  public var ranksItems: Bool {
    task.answer == .ranking || hasPart(.items)
  }

  /// Whether whole sequences are compressed and written back.
  package var writesSequences: Bool { task.answer == .sequence }

  /// Whether the codes of sequences have a distribution.
  package var hasDistribution: Bool { model.kind?.has(ModelSetting.beta.key) ?? false }

  /// Whether training sets each item apart from all others.
  public var hasFullItemLoss: Bool {
    ranksItems && ![.sampledSoftmax, .bce, .gbce, .bpr].contains(loss)
  }

  /// Whether two stretches of each user are compared with those of others.
  public var hasContrast: Bool { hasPart(.contrast) }

  /// Whether sequences have a second segment, which may be another user's.
  public var hasNextSequence: Bool { hasPart(.nextSequence) }

  private func hasPart(_ aim: TaskList.Part.Aim) -> Bool {
    task.answer == .parts && tasks.parts.contains { $0.aim == aim }
  }

  /// Whether sequences begin with a summary.
  package var hasSummary: Bool { hasNextSequence || readsSummaries }

  /// Whether the head of the task reads the states of summaries.
  package var readsSummaries: Bool { takesPooling && pooling == .summary }

  /// Whether events are hidden and predicted, where the model can do so.
  package var predictsHiddenEvents: Bool {
    asksNextEvents && (task.answer == .ranking || tasks.parts.contains { $0.aim != .nextSequence })
  }

  /// Whether the model answers for the event that follows, so that one which fills masks needs a mask there.
  package var asksNextEvents: Bool { [.ranking, .parts].contains(task.answer) }

  /// What a model knows of events; nil for all that is there.
  package var inputKinds: Set<InputKind>? {
    switch inputs {
    case .auto: task.answer == .ranking ? [] : nil
    case .kinds(let kinds): kinds
    }
  }

  /// Where the truths of all supervised parts stand.
  package var targetRules: [TargetRule] {
    task.answer == .parts ? tasks.parts.compactMap(\.rule) : targetRule.map { [$0] } ?? []
  }

  /// What must be known of the events of a log.
  func eventNeeds() -> EventNeeds {
    var needs = EventNeeds()
    let rules = targetRules
    for rule in rules { rule.require(in: &needs) }
    if inputKinds?.contains(.type) ?? true {
      needs.types = true
      needs.labels = needs.labels || rules.contains { $0.subject == .event }
    }
    var requests = eventFeatures
    for name in rules.compactMap(\.feature) where !requests.contains(where: { $0.name == name }) {
      requests.append(FeatureRequest(name))
    }
    needs.features.requests = requests
    return needs
  }

  /// The moment from which targets look ahead, in microseconds since 1970; nil for the horizon
  /// before the log's end.
  package func cutoffTime(of dataset: SequenceDataset) throws -> Int64? {
    try cutoff.map { try time($0, of: dataset) }
  }

  /// ``horizon`` in the unit of times.
  package var horizonMicroseconds: Int64 { Int64(clamping: Int(min(horizon * 1e6, 0x1p62))) }

  /// Checks what belongs to the task.
  func validateTask() throws(SettingsError) {
    guard task.losses.contains(loss) else {
      let names = task.losses.map(\.rawValue).joined(separator: ", ")
      throw .doNotFit("loss \(loss.rawValue) is none of the task \(task.rawValue): \(names)")
    }
    if case .baseline = model, task.answer != .ranking {
      throw .doNotFit("\(model.rawValue) ranks items alone: it has no task \(task.rawValue)")
    }
    guard classWeights == .equal || task.answer.hasClasses else {
      throw .doNotFit("class_weights are of classes: the task \(task.rawValue) has none")
    }
    guard target.map({ task.targets.contains($0.form) }) ?? true else {
      throw .doNotFit(
        "target '\(target?.text ?? "")' is none of the task \(task.rawValue), which takes \(task.expectedTargets)"
      )
    }
    let isTag = targetRule?.tagsEvents ?? false
    if let kind = model.kind, kind.needsCandidate, isTag || targetRule?.subject != .event {
      throw .doNotFit(
        "\(kind.name) weighs a history by a candidate, which only --task click, or regress of a label, gives"
      )
    }
    if let kind = model.kind, kind.fillsMasks,
      !isTag && targetRule.map({ $0.subject != .user }) ?? false
    {
      throw .doNotFit(
        "\(kind.name) sees what comes after an event, and so cannot predict about each: it takes --task "
          + "next-item, multi, pretrain, tag and targets of users")
    }
    guard task != .multi || tasks.parts.count > 1 else {
      throw .doNotFit("tasks (\(tasks)) is one part, and multi has several: add another to --tasks")
    }
    guard !hasContrast || batchEvents > 0 || batchSize > 1 else {
      throw .doNotFit(
        "contrast sets the users of a batch apart, and batch_size is 1: use at least 2")
    }
    try validateSegments()
    try validateCompression()
    if let kind = model.kind, kind.writes, !writesItems {
      throw .doNotFit(
        "\(kind.name) reads a history and writes the events after it: it takes --task next-item, and multi with "
          + "next-item and without contrast among --tasks"
      )
    }
    guard teacher.isEmpty || hasFullItemLoss else {
      throw .doNotFit(
        "a teacher scores all items: it needs a task that ranks items, as next-item, with --loss "
          + "cross-entropy")
    }
    guard let rule = targetRule else { return }
    guard !rule.hasHorizon || horizon > 0 else {
      throw .doNotFit("the target '\(rule.text)' looks ahead: add --horizon 30d")
    }
    guard rule.subject != .user || [.user, .time].contains(splitBy) else {
      throw .doNotFit("the target '\(rule.text)' is of users: it needs --split-by user or time")
    }
  }

  /// Checks what belongs to models that compress sequences.
  private func validateCompression() throws(SettingsError) {
    let compresses = model.kind?.compresses ?? false
    guard writesSequences == compresses else {
      throw .doNotFit(
        compresses
          ? "\(model.rawValue) compresses whole sequences and writes them back: it takes --task reconstruct"
          : "the task reconstruct compresses whole sequences: use --model autoencoder, vae or conv-autoencoder"
      )
    }
    guard !writesSequences || splitBy == .user else {
      throw .doNotFit(
        "the task reconstruct is scored by whole sequences that training has not met: it needs --split-by user"
      )
    }
  }

  /// Checks what belongs to summaries and second segments.
  private func validateSegments() throws(SettingsError) {
    guard let kind = model.kind, hasSummary else { return }
    guard kind.fillsMasks else {
      throw .doNotFit(
        (hasNextSequence ? "next-sequence" : "pooling summary")
          + " reads the state of a summary in front of the events, and \(kind.name) does not see what follows: use "
          + "--model bert4rec")
    }
    guard !hasNextSequence || maxLength > 1 else {
      throw .doNotFit("next-sequence cuts sequences in two, and max_length is 1: use at least 2")
    }
    guard !hasNextSequence || !hasContrast else {
      throw .doNotFit(
        "next-sequence and contrast cut sequences in two ways: leave one out of --tasks, or train one run from the "
          + "other (clseq finetune)")
    }
    guard !hasNextSequence || teacher.isEmpty else {
      throw .doNotFit(
        "a teacher sees whole sequences and no second segments: leave out next-sequence or --teacher"
      )
    }
    guard !readsSummaries || targetRule?.subject == .user else {
      throw .doNotFit(
        "pooling summary has one state per user: it takes targets of users, as --target user:NAME or churn"
      )
    }
  }

  /// Whether a model writes the types of events beside their items.
  package var writesTypes: Bool {
    model.kind?.writes ?? false && targetRules.contains(.nextType)
  }

  /// Whether the task is about next events with their items.
  private var writesItems: Bool {
    task.answer == .ranking || task == .multi && ranksItems && !hasContrast
  }

  /// The weights of classes in the loss; nil for equal ones.
  ///
  /// - Parameter counts: of each class in training.
  package func classWeights(names: [String], counts: [Int]) throws(SettingsError) -> [Float]? {
    switch classWeights {
    case .equal: return nil
    case .balanced:
      let total = Double(counts.reduce(0, +))
      return counts.map { $0 == 0 ? 0 : Float(total / (Double(names.count) * Double($0))) }
    case .named(let weights):
      if let unknown = weights.keys.sorted().first(where: { !names.contains($0) }) {
        throw .doNotFit(
          "class_weights names '\(unknown)', which is no class: they are "
            + names.joined(separator: ", "))
      }
      return names.map { weights[$0] ?? 1 }
    }
  }
}
