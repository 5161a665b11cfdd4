import ClseqModels
package import ClseqNN

extension TrainingSettings {
  /// How maps are adapted where a run's weights stay as they are; nil where they are trained.
  package var adaptation: LowRankAdaptation? {
    isTrained && !startFrom.isEmpty && loraRank > 0
      ? LowRankAdaptation(rank: loraRank, alpha: loraAlpha) : nil
  }

  /// Whether adapters are trained, beside the weights of another run.
  package var hasAdapters: Bool { adaptation != nil }

  /// Checks what belongs to a start from another run.
  func validateStart() throws(SettingsError) {
    guard !startFrom.isEmpty, let kind = model.kind, loraRank > 0 else { return }
    guard kind.isTransformer else {
      throw .doNotFit(
        "lora_rank adapts attention and feed-forward maps, which \(kind.name) does not have: take "
          + "--frozen or --layer-rate")
    }
    guard frozen == .none else {
      throw .doNotFit(
        "frozen and lora_rank exclude one another: with adapters everything that the run has is frozen, "
          + "and only heads and what is new are trained")
    }
  }
}
