public import ClseqData
import ClseqModels
import Foundation

extension TrainingSettings {
  /// The usual settings of a task and a model.
  ///
  /// - Parameters:
  ///   - model: nil for the task's usual one.
  ///   - target: nil for the task's usual one.
  public init(task: TaskKind, model: ModelChoice? = nil, target: TargetRule? = nil) {
    self.init()
    self.task = task
    self.model = model ?? (task == .click ? .network(.transformerCTR) : .transformer)
    if let target { self.target = target.text }
    switch self.model {
    case .network(.transformerCTR):
      (hiddenSize, heads, layers, positions) = (96, 8, 1, .sinusoidal)
    case .network(.lstmAttention): hiddenSize = 128
    default: break
    }
    let rule = target ?? task.usualTarget
    // Who does not return is seen where all events of a user are for training.
    if rule == .returnTime { splitBy = .user }
    switch rule?.subject {
    case .event: splitBy = .time
    case .user: splitBy = .user
    case .nextEvent, nil: break
    }
  }

  /// Where the truth of a supervised task stands; nil for the ranking of items and for several tasks.
  public var targetRule: TargetRule? {
    target.isEmpty ? task.usualTarget : TargetRule(target)
  }

  /// The parts of the task `multi`: nil stands for the ranking of items.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)``.
  func taskParts() throws(SettingsError) -> [(rule: TargetRule?, weight: Float)] {
    var parts: [(rule: TargetRule?, weight: Float)] = []
    for text in tasks.split(separator: ",") {
      let pieces = text.split(separator: "*", omittingEmptySubsequences: false)
      let weight = pieces.count == 2 ? Float(pieces[1]) : 1
      let rule = TargetRule(String(pieces[0]))
      guard pieces.count <= 2, let weight, weight > 0, weight.isFinite,
        pieces[0] == "next-item" || rule?.subject == .nextEvent
      else {
        throw .doNotFit(
          "tasks has '\(text)', expected next-item, next-type, next:FEATURE or return, each perhaps "
            + "with a weight as in next-type*0.5")
      }
      guard !parts.contains(where: { $0.rule == rule }) else {
        throw .doNotFit("tasks has '\(pieces[0])' twice")
      }
      parts.append((rule, weight))
    }
    guard parts.count > 1 else { throw .doNotFit("tasks (\(tasks)) has one part: use --task") }
    return parts
  }

  /// The task with its target, parts or horizon, for passports.
  var taskTitle: String {
    var words = [task.rawValue]
    if task == .multi { words.append(tasks) }
    if let rule = targetRule {
      words.append(rule.text)
      if rule.hasHorizon { words.append("within \(horizon) s") }
      if rule.hasHorizon, !cutoff.isEmpty { words.append("from \(cutoff)") }
    }
    return words.joined(separator: " ")
  }

  /// Whether items are ranked, and so have output vectors.
  public var ranksItems: Bool {
    task == .nextItem
      || task == .multi && ((try? taskParts())?.contains { $0.rule == nil } ?? false)
  }

  /// Hidden sizes of recurrent layers.
  var recurrentSizeList: [Int] {
    recurrentSizes.split(separator: ",").map { Int($0) ?? 0 }
  }

  /// What a model knows of events; nil for all that is there.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)``.
  func inputKinds() throws(SettingsError) -> Set<InputKind>? {
    switch inputs {
    case "auto": return task == .nextItem ? [] : nil
    case "none", "": return []
    default:
      var kinds: Set<InputKind> = []
      for name in inputs.split(separator: ",") {
        guard let kind = InputKind(rawValue: String(name)) else {
          let names = InputKind.allCases.map(\.rawValue).joined(separator: ", ")
          throw .doNotFit("inputs has '\(name)', expected auto, none, or some of \(names)")
        }
        kinds.insert(kind)
      }
      return kinds
    }
  }

  /// What must be known of the events of a log.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)``.
  func eventNeeds() throws(SettingsError) -> EventNeeds {
    var needs = EventNeeds()
    var rules = targetRule.map { [$0] } ?? []
    if task == .multi { rules = try taskParts().compactMap(\.rule) }
    for rule in rules { rule.require(in: &needs) }
    let kinds = try inputKinds()
    if kinds?.contains(.type) ?? true {
      needs.types = true
      needs.labels = needs.labels || rules.contains { $0.subject == .event }
    }
    var requests = eventFeatures.split(separator: ",").map { FeatureRequest(String($0)) }
    for name in rules.compactMap(\.feature) where !requests.contains(where: { $0.name == name }) {
      requests.append(FeatureRequest(name))
    }
    needs.features.requests = requests
    return needs
  }

  /// The moment from which targets look ahead, in microseconds since 1970; nil for the horizon
  /// before the log's end.
  func cutoffTime(of dataset: SequenceDataset) throws -> Int64? {
    cutoff.isEmpty ? nil : try cut(cutoff, "cutoff", of: dataset)
  }

  /// ``horizon`` in the unit of times.
  var horizonMicroseconds: Int64 { Int64(clamping: Int(min(horizon * 1e6, 0x1p62))) }

  /// Checks what belongs to the task.
  func validateTask() throws(SettingsError) {
    guard recurrentSizeList.allSatisfy({ (1...65_536).contains($0) }), !recurrentSizeList.isEmpty
    else {
      throw .doNotFit("recurrent_sizes is '\(recurrentSizes)', expected sizes as in 128,64")
    }
    _ = try inputKinds()
    guard LossChoice.choices(for: task).contains(loss) else {
      let names = LossChoice.choices(for: task).map(\.rawValue).joined(separator: ", ")
      throw .doNotFit("loss \(loss.rawValue) is none of the task \(task.rawValue): \(names)")
    }
    if case .baseline = model, task != .nextItem {
      throw .doNotFit("\(model.rawValue) ranks items alone: it has no task \(task.rawValue)")
    }
    if task == .multi { _ = try taskParts() }
    guard classWeights.isEmpty || ![.nextItem, .regress, .timeToEvent].contains(task) else {
      throw .doNotFit("class_weights are of classes: the task \(task.rawValue) has none")
    }
    guard target.isEmpty || targetRule.map(task.takes) ?? false else {
      throw .doNotFit(
        "target '\(target)' is none of the task \(task.rawValue), which takes \(task.expectedTargets)"
      )
    }
    if model == .network(.din), targetRule?.subject != .event {
      throw .doNotFit(
        "din weighs a history by a candidate, which only --task click, or regress of a label, gives"
      )
    }
    guard model != .network(.transformerCTR) || hiddenSize > 1 else {
      throw .doNotFit("transformer-ctr needs a hidden_size of 2 or more: items beside types")
    }
    guard let rule = targetRule else { return }
    guard !rule.hasHorizon || horizon > 0 else {
      throw .doNotFit("the target '\(rule.text)' looks ahead: add --horizon 30d")
    }
    guard rule.subject != .user || splitBy == .user else {
      throw .doNotFit("the target '\(rule.text)' is of users: it needs --split-by user")
    }
  }

  /// The weights of classes in the loss; nil for equal ones.
  ///
  /// - Parameter counts: of each class in training.
  func classWeights(names: [String], counts: [Int]) throws(SettingsError) -> [Float]? {
    if classWeights.isEmpty { return nil }
    if classWeights == "balanced" {
      let total = Double(counts.reduce(0, +))
      return counts.map { $0 == 0 ? 0 : Float(total / (Double(names.count) * Double($0))) }
    }
    var weights = [Float](repeating: 1, count: names.count)
    for entry in classWeights.split(separator: ",") {
      let parts = entry.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let weight = Float(parts[1]), weight >= 0, weight.isFinite,
        let index = names.firstIndex(of: String(parts[0]))
      else {
        throw .doNotFit(
          "class_weights has '\(entry)', expected balanced, or NAME=WEIGHT for names among "
            + names.joined(separator: ", "))
      }
      weights[index] = weight
    }
    return weights
  }
}
