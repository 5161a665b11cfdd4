extension TaskKind {
  /// Rank all items by how likely each is the next.
  public static let nextItem = TaskKind(
    "next-item", answer: .ranking,
    losses: [.auto, .crossEntropy, .sampledSoftmax, .bce, .gbce, .bpr])
}
