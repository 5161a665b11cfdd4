import ClseqData
import ClseqModels
import ClseqSettings

/// How a batch of examples becomes the one that the model sees and predicts: as it is, as two slices of each
/// sequence or as two segments, with a summary in front, with hidden events.
struct BatchViews {
  /// The examples of an epoch of tasks about next events; none of other tasks.
  let examples: Examples
  let hiding: (any HiddenEvents)?
  private let slices: SequenceSlices?
  private let segments: NextSequences?
  private let words: WordDropout?
  /// The row of the summary whose state is read in the place of the last event's, and the data.
  private let summary: (row: Int32, dataset: SequenceDataset)?

  init(_ settings: TrainingSettings, model: any SequenceModel, split: Split) {
    slices =
      settings.hasContrast
      ? SequenceSlices(shortest: settings.contrastShortest, seed: settings.seed) : nil
    let mask = settings.asksNextEvents ? model.maskItem : nil
    hiding =
      if let mask, settings.predictsHiddenEvents {
        model.writes
          ? settings.cuts(startingAt: mask) as any HiddenEvents
          : settings.masking(mask, itemCount: model.itemCount)
      } else { nil }
    let length = settings.maxLength
    examples =
      if !settings.asksNextEvents { [] } else if mask == nil {
        split.nextItemExamples(maximumLength: length)
      } else { split.hiddenItemExamples(maximumLength: length) }
    segments =
      settings.hasNextSequence
      ? model.summaryItem.map { [examples] in
        NextSequences(examples, of: split.dataset, summary: $0, seed: settings.seed)
      } : nil
    words =
      settings.writesSequences
      ? WordDropout(share: settings[.wordDropout], seed: settings.seed) : nil
    summary = settings.readsSummaries ? model.summaryItem.map { ($0, split.dataset) } : nil
  }

  /// Whether sequences of a batch are compared with each other, so that they must be in memory together.
  var comparesSequences: Bool { slices != nil }

  /// What the model is to see of a batch.
  ///
  /// - Parameters:
  ///   - batch: examples.
  ///   - epoch: from 0.
  func view(of batch: RaggedBatch, epoch: Int) -> RaggedBatch {
    var batch = summarized(batch)
    batch = slices?.slices(of: batch, epoch: epoch) ?? batch
    batch = segments?.segments(of: batch, epoch: epoch) ?? batch
    batch = words?.applied(to: batch, epoch: epoch) ?? batch
    return finished(hiding?.hidden(batch, epoch: epoch) ?? batch)
  }

  /// The same with at least the events and targets of any epoch, for plans of memory.
  func largestView(of batch: RaggedBatch) -> RaggedBatch {
    var batch = summarized(batch)
    batch = slices?.largestSlices(of: batch) ?? batch
    batch = segments?.largestSegments(of: batch) ?? batch
    return finished(hiding?.mostHidden(batch) ?? batch)
  }

  private func summarized(_ batch: RaggedBatch) -> RaggedBatch {
    summary.map { batch.summarized(by: $0.row, of: $0.dataset) } ?? batch
  }

  /// Slices are compared by the states of their last events, segments by those of summaries.
  private func finished(_ batch: RaggedBatch) -> RaggedBatch {
    if segments != nil { return batch.withSummaries() }
    return slices == nil ? batch : batch.withLastEvents()
  }
}
