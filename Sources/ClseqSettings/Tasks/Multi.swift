import ClseqShop

extension TaskKind {
  /// Several of these at once, with one pass of the model; see ``TaskList``.
  public static let multi = TaskKind(
    "multi", answer: .parts,
    losses: [.auto, .crossEntropy, .sampledSoftmax, .bce, .gbce, .bpr, .mse, .mae, .huber],
    demo: .typedDemo)
}
