public import ClseqData
import ClseqModels
public import ClseqShop

/// What a model is trained for. Each task has a file beside this one, and ``allCases`` a line for it.
///
/// A task says which targets it takes and how they are answered; the answer decides on the head of the
/// model, on the loss, on the scores and on the records of predictions.
public struct TaskKind: RawRepresentable, CaseIterable, Codable, Hashable, Sendable,
  CustomStringConvertible
{
  /// How a task is answered.
  public enum Answer: Sendable {
    /// All items, ranked.
    case ranking
    /// One of several classes.
    case classes
    /// Yes or no.
    case yesOrNo
    /// A number.
    case number
    /// A duration, which may be censored.
    case duration
    /// Several answers at once, by parts.
    case parts
    /// The sequence itself, written back from its code.
    case sequence

    /// Whether it is a class, so that classes can have weights.
    var hasClasses: Bool { self == .classes || self == .yesOrNo || self == .parts }
  }

  /// All tasks, in the order of the help.
  public static let allCases: [TaskKind] = [
    .nextItem,
    .nextEventType,
    .click,
    .classify,
    .regress,
    .timeToEvent,
    .tag,
    .multi,
    .pretrain,
    .reconstruct,
  ]

  /// The name on the command line.
  public let rawValue: String
  /// How the task is answered.
  public let answer: Answer
  /// The kinds of targets that it takes; none where items are ranked and where parts have theirs.
  public let targets: [TargetForm]
  /// The target where settings name none.
  public let usualTarget: TargetRule?
  /// The losses to choose among, the first by default.
  public let losses: [LossChoice]
  /// The model where settings name none.
  public let usualModel: ModelChoice
  /// The built-in log that the task is shown on.
  public var demo: ShopLog { makeDemo() }
  private let makeDemo: @Sendable () -> ShopLog

  /// A task.
  public init(
    _ name: String, answer: Answer, targets: [TargetForm] = [], usualTarget: TargetRule? = nil,
    losses: [LossChoice], usualModel: ModelChoice = .transformer,
    demo: @autoclosure @escaping @Sendable () -> ShopLog = .demo
  ) {
    (rawValue, self.answer, self.targets) = (name, answer, targets)
    (self.usualTarget, self.losses, self.usualModel) = (usualTarget, losses, usualModel)
    makeDemo = demo
  }

  /// The task of a name; nil for an unknown one.
  public init?(rawValue: String) {
    guard let task = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = task
  }

  /// The task that answers a target about next events, as a part of several.
  public init?(answering rule: TargetRule) {
    guard let task = Self.allCases.first(where: { $0.targets.contains(rule.form) }) else {
      return nil
    }
    self = task
  }

  /// What targets the task takes, for messages.
  var expectedTargets: String {
    guard targets.count > 1 else { return targets.first?.text ?? "none" }
    return targets.dropLast().map(\.text).joined(separator: ", ") + " or "
      + targets[targets.count - 1].text
  }

  /// The name.
  public var description: String { rawValue }

  /// Whether two tasks have one name.
  public static func == (left: TaskKind, right: TaskKind) -> Bool {
    left.rawValue == right.rawValue
  }

  /// Adds the name to a hash.
  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

extension TargetRule {
  /// A rule from its text; nil for a text of no task's target.
  public init?(_ text: String) {
    let forms = TaskKind.allCases.flatMap(\.targets)
    guard let rule = forms.lazy.compactMap({ $0.rule(text) }).first else { return nil }
    self = rule
  }
}
