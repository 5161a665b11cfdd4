package import ClseqData
import ClseqModels

extension TrainingSettings {
  /// How a model that fills masks is trained.
  ///
  /// - Parameters:
  ///   - mask: the row of the mask.
  ///   - itemCount: V.
  package func masking(_ mask: Int32, itemCount: Int) -> EventMasking {
    EventMasking(
      probability: self[.maskProbability], random: self[.maskRandom], kept: self[.maskKept],
      meanSpan: self[.maskSpan], lastShare: self[.maskLast], mask: mask, itemCount: itemCount,
      seed: seed)
  }

  /// How a model that writes is trained.
  ///
  /// - Parameter start: the row of the start.
  package func cuts(startingAt start: Int32) -> SequenceCuts {
    SequenceCuts(
      targetLength: self[.targetLength], start: start, guessShare: self[.scheduledSampling],
      epochs: epochs, seed: seed)
  }
}
