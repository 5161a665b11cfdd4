import ClseqModels

extension TaskKind {
  /// Compress whole sequences to vectors from which they can be written back.
  public static let reconstruct = TaskKind(
    "reconstruct", answer: .sequence, losses: [.auto], usualModel: .network(.autoencoder))
}
