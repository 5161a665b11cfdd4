import ClseqData

extension TaskKind {
  /// Predict a number: value, duration, count.
  public static let regress = TaskKind(
    "regress", answer: .number,
    targets: [.label, .nextFeature, .futureCount, .futureSum, .userAttribute],
    usualTarget: .futureCount, losses: [.auto, .mse, .mae, .huber])
}
