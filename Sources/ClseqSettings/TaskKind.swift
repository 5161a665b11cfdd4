import ClseqData

/// What a model is trained for.
public enum TaskKind: String, CaseIterable, Codable, Sendable {
  /// Rank all items by how likely each is the next.
  case nextItem = "next-item"
  /// Tell the type of the next event.
  case nextEventType = "next-event-type"
  /// Tell whether an event ends well: a click, a purchase, a high rating.
  case click
  /// Tell a class of the user: churn, intent, a segment.
  case classify
  /// Tell a number: value, duration, count.
  case regress
  /// Tell how long it takes until something happens.
  case timeToEvent = "time-to-event"
  /// Several of these at once.
  case multi

  /// The target where settings name none.
  var usualTarget: TargetRule? {
    switch self {
    case .nextItem, .multi: nil
    case .nextEventType: .nextType
    case .click: .label(least: nil)
    case .classify: .churn
    case .regress: .futureCount
    case .timeToEvent: .returnTime
    }
  }

  /// Whether a target is of use for the task.
  func takes(_ rule: TargetRule) -> Bool {
    switch (self, rule) {
    case (.nextEventType, .nextType), (.click, .label), (.click, .types),
      (.classify, .userAttribute), (.classify, .churn), (.regress, .label),
      (.regress, .nextFeature), (.regress, .userAttribute), (.regress, .futureCount),
      (.regress, .futureSum), (.timeToEvent, .returnTime), (.timeToEvent, .userDuration):
      true
    default: false
    }
  }

  /// What targets the task takes, for messages.
  var expectedTargets: String {
    switch self {
    case .nextItem, .multi: "none"
    case .nextEventType: "next-type"
    case .click: "label (0 or 1), label>=NUMBER or type=NAME,…"
    case .classify: "churn or user:ATTRIBUTE"
    case .regress: "label, next:FEATURE, future-count, future-sum:FEATURE or user:ATTRIBUTE"
    case .timeToEvent: "return or user:DURATION/OBSERVED"
    }
  }
}

/// What a training step lessens. Which of them a task takes, ``TaskKind`` says.
public enum LossChoice: String, CaseIterable, Codable, Sendable {
  /// Cross-entropy for items and classes, squared error for numbers.
  case auto
  /// Softmax cross-entropy over all items or classes.
  case crossEntropy = "cross-entropy"
  /// Softmax cross-entropy over sampled items, with logQ correction.
  case sampledSoftmax = "sampled-softmax"
  /// Binary cross-entropy with sampled negatives.
  case bce
  /// The same, calibrated (gSASRec).
  case gbce
  /// Bayesian personalised ranking.
  case bpr
  /// Squared error.
  case mse
  /// Absolute error.
  case mae
  /// Huber's loss.
  case huber

  /// The losses of a task.
  static func choices(for task: TaskKind) -> [LossChoice] {
    switch task {
    case .nextItem: [.auto, .crossEntropy, .sampledSoftmax, .bce, .gbce, .bpr]
    case .regress: [.auto, .mse, .mae, .huber]
    case .nextEventType, .classify: [.auto, .crossEntropy]
    case .click: [.auto, .bce]
    case .timeToEvent: [.auto]
    case .multi: [.auto, .crossEntropy, .sampledSoftmax, .bce, .gbce, .bpr, .mse, .mae, .huber]
    }
  }
}
