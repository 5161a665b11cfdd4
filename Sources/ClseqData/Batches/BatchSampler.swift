import ClseqRandom

/// Draws the training batches of each epoch.
///
/// A user's training part s₀ … sₘ₋₁ gives the inputs s₀ … sₘ₋₂ and the targets s₁ … sₘ₋₁, cut to
/// the `maximumLength` most recent. Users whose training part is one event give nothing. The
/// order is random by seed and epoch, and the same on every platform.
public struct BatchSampler: Sendable {
  private let split: Split
  private let batchSize: BatchSize
  private let seed: UInt64
  /// The sequences that have inputs: index in the dataset and place of the inputs.
  private let stretches: [(sequence: Int32, inputs: Range<Int>)]

  /// - Parameters:
  ///   - split: The data.
  ///   - maximumLength: L, the most inputs of a sequence; at least 1.
  ///   - batchSize: The size of a batch, of at least 1.
  ///   - seed: The seed of the order.
  public init(_ split: Split, maximumLength: Int, batchSize: BatchSize, seed: UInt64) {
    precondition(maximumLength >= 1, "maximumLength \(maximumLength) is not positive")
    self.split = split
    self.batchSize = batchSize
    self.seed = seed
    stretches = (0..<split.dataset.userCount).compactMap { user in
      split.trainingInputs(of: user, maximumLength: maximumLength).map { (Int32(user), $0) }
    }
  }

  /// The events of an epoch, each an input with a target.
  public var trainingEventCount: Int {
    stretches.reduce(0) { $0 + $1.inputs.count }
  }

  /// The sequences of an epoch.
  public var trainingSequenceCount: Int { stretches.count }

  /// The batches of an epoch, counted from 0.
  public func batches(epoch: Int) -> EpochBatches {
    let order = CounterRandom(seed: seed, Self.purpose, UInt64(epoch))
      .permutation(count: stretches.count)
    let shuffled = order.map { stretches[Int($0)] }
    return EpochBatches(
      stretches: shuffled, ranges: batchSize.partition(shuffled.map { $0.inputs.count }),
      items: split.dataset.items)
  }

  /// The batch with the most events of some epochs, the first of several; nil if nothing can be
  /// trained on. Which one it is follows from the seed, so memory can be planned on it.
  public func largestBatch(epochs: Range<Int>) -> RaggedBatch? {
    var largest: (eventCount: Int, epoch: Int, index: Int)?
    for epoch in epochs {
      let batches = batches(epoch: epoch)
      for index in batches.indices {
        let eventCount = batches.eventCount(of: index)
        if eventCount > largest?.eventCount ?? 0 { largest = (eventCount, epoch, index) }
      }
    }
    return largest.map { batches(epoch: $0.epoch)[$0.index] }
  }

  /// Names the stream of random numbers that orders the sequences ("shuffle" in ASCII).
  private static let purpose: UInt64 = 0x73_6875_6666_6c65
}

/// The batches of one epoch. Each is built when it is asked for, on whatever thread.
public struct EpochBatches: RandomAccessCollection, Sendable {
  let stretches: [(sequence: Int32, inputs: Range<Int>)]
  let ranges: [Range<Int>]
  let items: Column<Int32>

  /// Always 0.
  public var startIndex: Int { 0 }

  /// The number of batches.
  public var endIndex: Int { ranges.count }

  /// Builds a batch.
  public subscript(index: Int) -> RaggedBatch {
    RaggedBatch(Array(stretches[ranges[index]]), of: items)
  }

  /// The events of a batch, without building it.
  public func eventCount(of index: Int) -> Int {
    stretches[ranges[index]].reduce(0) { $0 + $1.inputs.count }
  }
}
