import ClseqModels
import ClseqShop

extension TaskKind {
  /// Learn from the events alone, without labels, for other tasks that start from the run; see ``TaskList``.
  public static let pretrain = TaskKind(
    "pretrain", answer: .parts,
    losses: [.auto, .crossEntropy, .sampledSoftmax, .bce, .gbce, .bpr, .mse, .mae, .huber],
    usualModel: .network(.bert4rec), demo: .typedDemo)
}
