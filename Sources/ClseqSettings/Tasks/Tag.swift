import ClseqData
import ClseqModels

extension TaskKind {
  /// Label every event of a sequence: which ones are fraud, or matter, or begin something.
  public static let tag = TaskKind(
    "tag", answer: .classes, targets: [.eventLabel, .eventType],
    usualTarget: .eventLabel(least: nil), losses: [.auto, .crossEntropy],
    usualModel: .network(.bert4rec))
}
