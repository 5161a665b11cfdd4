import ClseqData
import ClseqModels
import ClseqSettings

/// How a batch of examples becomes the one that the model sees and predicts: as it is, as two slices of each
/// sequence, with hidden events, or as slices with hidden events.
struct BatchViews {
  let slices: SequenceSlices?
  let hiding: (any HiddenEvents)?

  init(_ settings: TrainingSettings, model: any SequenceModel) {
    slices =
      settings.hasContrast
      ? SequenceSlices(shortest: settings.contrastShortest, seed: settings.seed) : nil
    guard settings.asksNextEvents, let row = model.maskItem else {
      hiding = nil
      return
    }
    hiding =
      model.writes
      ? settings.cuts(startingAt: row) : settings.masking(row, itemCount: model.itemCount)
  }

  /// The examples of an epoch of tasks about next events.
  func examples(of split: Split, maximumLength: Int) -> Examples {
    hiding == nil
      ? split.nextItemExamples(maximumLength: maximumLength)
      : split.hiddenItemExamples(maximumLength: maximumLength)
  }

  /// Whether sequences of a batch are compared with each other, so that they must be in memory together.
  var comparesSequences: Bool { slices != nil }

  /// What the model is to see of a batch.
  ///
  /// - Parameters:
  ///   - batch: examples.
  ///   - epoch: from 0.
  func view(of batch: RaggedBatch, epoch: Int) -> RaggedBatch {
    let batch = slices?.slices(of: batch, epoch: epoch) ?? batch
    return finished(hiding?.hidden(batch, epoch: epoch) ?? batch)
  }

  /// The same with at least the events and targets of any epoch, for plans of memory.
  func largestView(of batch: RaggedBatch) -> RaggedBatch {
    let batch = slices?.largestSlices(of: batch) ?? batch
    return finished(hiding?.mostHidden(batch) ?? batch)
  }

  /// Slices are compared by the states of their last events.
  private func finished(_ batch: RaggedBatch) -> RaggedBatch {
    slices == nil ? batch : batch.withLastEvents()
  }
}
