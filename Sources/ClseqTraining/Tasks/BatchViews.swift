import ClseqData
import ClseqModels
import ClseqSettings

/// How a batch of examples becomes the one that the model sees and predicts: as it is, as two slices of each
/// sequence, with masked events, or as slices with masked events.
struct BatchViews {
  let slices: SequenceSlices?
  let masking: EventMasking?

  init(_ settings: TrainingSettings, model: any SequenceModel) {
    slices =
      settings.hasContrast
      ? SequenceSlices(shortest: settings.contrastShortest, seed: settings.seed) : nil
    masking =
      settings.asksNextEvents
      ? model.maskItem.map { settings.masking($0, itemCount: model.itemCount) } : nil
  }

  /// The examples of an epoch of tasks about next events.
  func examples(of split: Split, maximumLength: Int) -> Examples {
    masking == nil
      ? split.nextItemExamples(maximumLength: maximumLength)
      : split.maskedItemExamples(maximumLength: maximumLength)
  }

  /// Whether sequences of a batch are compared with each other, so that they must be in memory together.
  var comparesSequences: Bool { slices != nil }

  /// What the model is to see of a batch.
  ///
  /// - Parameters:
  ///   - batch: examples.
  ///   - epoch: from 0.
  func view(of batch: RaggedBatch, epoch: Int) -> RaggedBatch {
    finished(
      masked(slices?.slices(of: batch, epoch: epoch) ?? batch) { masking, batch in
        masking.masked(batch, epoch: epoch)
      })
  }

  /// The same with at least the events and targets of any epoch, for plans of memory.
  func largestView(of batch: RaggedBatch) -> RaggedBatch {
    finished(
      masked(slices?.largestSlices(of: batch) ?? batch) { masking, batch in
        masking.mostMasked(batch)
      })
  }

  private func masked(
    _ batch: RaggedBatch, by mask: (EventMasking, RaggedBatch) -> RaggedBatch
  ) -> RaggedBatch {
    masking.map { mask($0, batch) } ?? batch
  }

  /// Slices are compared by the states of their last events.
  private func finished(_ batch: RaggedBatch) -> RaggedBatch {
    slices == nil ? batch : batch.withLastEvents()
  }
}
