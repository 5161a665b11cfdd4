public import ClseqData

/// Training batches that are determined by a number alone, so that systems written in other
/// languages train on the same events.
///
/// Of the U users, in the order of the file, batch k takes users k, k + s, k + 2s, … (`size` of
/// them, modulo U) with stride s = max(1, U / size). `Benchmarks/peers/protocol.py` has the same
/// rule.
public struct NumberedBatches: Sendable {
  private let split: Split
  private let size: Int
  private let maximumLength: Int

  /// - Parameters:
  ///   - dataset: the log.
  ///   - size: sequences per batch.
  ///   - maximumLength: maximum number of inputs per sequence.
  public init(_ dataset: SequenceDataset, size: Int, maximumLength: Int) {
    split = Split.leaveOneOut(dataset)
    self.size = size
    self.maximumLength = maximumLength
  }

  /// Batch `number`, from 0.
  public subscript(number: Int) -> RaggedBatch {
    let userCount = split.dataset.userCount
    let stride = max(1, userCount / size)
    return RaggedBatch(
      training: (0..<size).map { (number + $0 * stride) % userCount }, of: split,
      maximumLength: maximumLength)
  }
}
