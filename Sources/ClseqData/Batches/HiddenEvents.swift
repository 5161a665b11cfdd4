/// Chooses the events that a model is to predict in whole sequences, and hides them from it.
public protocol HiddenEvents: Sendable {
  /// A batch of whole sequences with some of their events hidden, which are its targets. The choice follows
  /// from the seed, the epoch and the sequence, and from nothing else of the batch.
  ///
  /// - Parameters:
  ///   - batch: whole sequences.
  ///   - epoch: from 0.
  func hidden(_ batch: RaggedBatch, epoch: Int) -> RaggedBatch
  /// A batch that takes at least the memory of any choice of events in as many sequences.
  func mostHidden(_ batch: RaggedBatch) -> RaggedBatch
}
