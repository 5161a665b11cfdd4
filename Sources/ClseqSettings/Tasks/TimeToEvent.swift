import ClseqData

extension TaskKind {
  /// Predict how long it takes until something happens.
  public static let timeToEvent = TaskKind(
    "time-to-event", answer: .duration, targets: [.returnTime, .userDuration],
    usualTarget: .returnTime, losses: [.auto])
}
