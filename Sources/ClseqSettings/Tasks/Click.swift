import ClseqData
import ClseqModels

extension TaskKind {
  /// Predict whether an event ends well: a click, a purchase, a high rating.
  public static let click = TaskKind(
    "click", answer: .yesOrNo, targets: [.label, .types], usualTarget: .label(least: nil),
    losses: [.auto, .bce], usualModel: .network(.transformerCTR))
}
