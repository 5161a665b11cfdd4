package import ClseqModels
package import ClseqNN

extension TrainingSettings {
  /// How maps are adapted where a run's weights stay as they are; nil where they are trained.
  package var adaptation: LowRankAdaptation? {
    isTrained && !startFrom.isEmpty && loraRank > 0
      ? LowRankAdaptation(rank: loraRank, alpha: loraAlpha) : nil
  }

  /// Whether adapters are trained, beside the weights of another run.
  package var hasAdapters: Bool { adaptation != nil }

  /// The shape of these settings' model where it is pruned.
  ///
  /// - Parameter share: The share of the weights of its layers that stay.
  /// - Throws: ``SettingsError/doNotFit(_:)`` for a model without parts that can be removed, or a share that is too
  ///   small.
  package func pruned(keeping share: Double) throws -> PrunedShape {
    let kind = try modelKind
    guard PrunedShape.exists(for: kind) else {
      throw SettingsError.doNotFit(Self.cannotBePruned(kind))
    }
    do { return try PrunedShape(kind, modelValues, keeping: share) } catch let error
      as PrunedShape.TooSmall
    {
      throw SettingsError.doNotFit(
        "keep_ratio \(share) keeps \(error.kept): the smallest is \(error.smallest)")
    }
  }

  /// The shape that ``keepRatio`` makes of a run's model; nil where all of it stays.
  ///
  /// - Parameters:
  ///   - run: The run's settings.
  ///   - path: The run directory.
  /// - Throws: ``SettingsError/doNotFit(_:)`` where these settings have another shape, and as
  ///   ``pruned(keeping:)``.
  package func shape(prunedFrom run: TrainingSettings, at path: String) throws -> PrunedShape? {
    guard keepRatio < 1, !startFrom.isEmpty else { return nil }
    let shape = try run.pruned(keeping: keepRatio)
    for (key, text) in shape.values {
      guard let given = Setting.named(key)?.text(in: self), given != text else { continue }
      throw SettingsError.doNotFit(
        "keep_ratio \(keepRatio) of \(path) makes \(key) \(text), and it is \(given): leave out \(key), "
          + "which then follows")
    }
    return shape
  }

  private static func cannotBePruned(_ kind: ModelKind) -> String {
    "keep_ratio removes heads and units of transformer blocks, or units of lstm and gru, which \(kind.name) does not have"
  }

  /// Checks what belongs to a start from another run.
  func validateStart() throws(SettingsError) {
    guard !startFrom.isEmpty, let kind = model.kind else { return }
    if keepRatio < 1 {
      guard PrunedShape.exists(for: kind) else { throw .doNotFit(Self.cannotBePruned(kind)) }
      guard loraRank == 0 else {
        throw .doNotFit(
          "keep_ratio and lora_rank exclude one another: what is left after pruning must be trained. Prune "
            + "first, and adapt that run")
      }
    }
    guard loraRank > 0 else { return }
    guard kind.layers == .blocks else {
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
