import ClseqData
import ClseqShop

extension TaskKind {
  /// Predict the type of the next event.
  public static let nextEventType = TaskKind(
    "next-event-type", answer: .classes, targets: [.nextType], usualTarget: .nextType,
    losses: [.auto, .crossEntropy], demo: .typedDemo)
}
