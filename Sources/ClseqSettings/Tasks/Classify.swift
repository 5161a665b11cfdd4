import ClseqData

extension TaskKind {
  /// Predict a class of the user: churn, intent, a segment.
  public static let classify = TaskKind(
    "classify", answer: .classes, targets: [.churn, .userAttribute], usualTarget: .churn,
    losses: [.auto, .crossEntropy])
}
