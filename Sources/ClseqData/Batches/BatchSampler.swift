import ClseqBase
import Synchronization

/// Draws the training batches of each epoch.
///
/// The order is random by seed and epoch, and the same on every platform.
public struct BatchSampler: Sendable {
  private let dataset: SequenceDataset
  private let batchSize: BatchSize
  private let seed: UInt64
  private let examples: Examples
  /// The batches of the epoch that was used last.
  private let latest = LatestEpoch()
  private let replay: Replay?
  /// The input events of an epoch: of the first, where only some sequences are drawn.
  public let trainingEventCount: Int

  /// Batches of next-item examples.
  ///
  /// A user's training part s₀ … sₘ₋₁ gives the inputs s₀ … sₘ₋₂ and the targets s₁ … sₘ₋₁, cut to
  /// the `maximumLength` most recent. Users whose training part is one event give nothing.
  ///
  /// - Parameters:
  ///   - split: The data.
  ///   - maximumLength: L, the maximum number of inputs of a sequence; at least 1.
  ///   - batchSize: The size of a batch, of at least 1.
  ///   - seed: The seed of the order.
  public init(_ split: Split, maximumLength: Int, batchSize: BatchSize, seed: UInt64) {
    self.init(
      split.nextItemExamples(maximumLength: maximumLength), of: split.dataset,
      batchSize: batchSize, seed: seed)
  }

  /// Batches of any examples.
  ///
  /// - Parameters:
  ///   - examples: The examples.
  ///   - dataset: Their dataset.
  ///   - batchSize: The size of a batch, of at least 1.
  ///   - seed: The seed of the order.
  ///   - replay: Which of the examples an epoch has; nil for all.
  public init(
    _ examples: Examples, of dataset: SequenceDataset, batchSize: BatchSize, seed: UInt64,
    replay: Replay? = nil
  ) {
    self.examples = examples
    self.dataset = dataset
    self.batchSize = batchSize
    self.seed = seed
    self.replay = replay
    let isReplayed = replay?.drawn(seed: seed, epoch: 0)
    trainingEventCount = examples.enumerated().reduce(0) { sum, example in
      isReplayed?(Int32(example.offset)) ?? true ? sum + example.element.inputs.count : sum
    }
  }

  /// The sequences of an epoch.
  public var trainingSequenceCount: Int { replay?.count ?? examples.count }

  /// The number of batches of an epoch, counted from 0. Their order is not needed where batches hold so
  /// many sequences each.
  public func batchCount(epoch: Int) -> Int {
    if case .sequences(let limit) = batchSize { return (trainingSequenceCount + limit - 1) / limit }
    return batches(epoch: epoch).count
  }

  /// The batches of an epoch, counted from 0.
  public func batches(epoch: Int) -> EpochBatches {
    latest.batches(of: epoch) {
      var order = CounterRandom(seed: seed, Self.purpose, UInt64(epoch))
        .permutation(count: examples.count)
      if let replay { order = order.filter(replay.drawn(seed: seed, epoch: epoch)) }
      let ranges = batchSize.partition(
        order.lazy.map { [examples] in examples[Int($0)].inputs.count })
      return EpochBatches(examples: examples, order: order, ranges: ranges, dataset: dataset)
    }
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

  /// The maximum memory over an epoch's batches, each cut into parts: a batch as large as the part
  /// with the most events, with as many sequences, target rows and distinct items as any part may
  /// have. It serves to count, and is no batch to train on. Nil if nothing can be trained on.
  ///
  /// - Parameters:
  ///   - epoch: The number of the epoch.
  ///   - limit: The maximum number of events of a part; see ``RaggedBatch/parts(ofAtMost:)``.
  public func largestPart(epoch: Int, ofAtMost limit: Int) -> RaggedBatch? {
    let batches = batches(epoch: epoch)
    var largest: (eventCount: Int, batch: Int)?
    var (sequenceCount, targetRowCount) = (0, 0)
    var hasOtherRows = false
    for index in batches.indices {
      for part in batches.parts(of: index, ofAtMost: limit) {
        let eventCount = part.reduce(0) { $0 + $1.inputs.count }
        let targetCount = part.reduce(0) { $0 + $1.inputs.upperBound - $1.targets.lowerBound }
        sequenceCount = max(sequenceCount, part.count)
        if targetCount < eventCount {
          (hasOtherRows, targetRowCount) = (true, max(targetRowCount, targetCount))
        }
        if eventCount > largest?.eventCount ?? 0 { largest = (eventCount, index) }
      }
    }
    guard let largest,
      let part = batches[largest.batch].parts(ofAtMost: limit).max(by: {
        $0.eventCount < $1.eventCount
      })
    else { return nil }
    return part.filledUp(
      sequenceCount: sequenceCount, targetRowCount: hasOtherRows ? targetRowCount : nil,
      itemCount: dataset.itemCount)
  }

  /// Names the stream of random numbers that orders the sequences ("shuffle" in ASCII).
  private static let purpose: UInt64 = 0x73_6875_6666_6c65
}

/// Keeps the batches of one epoch: their order is needed several times, and takes a sort.
private final class LatestEpoch: Sendable {
  private let kept = Mutex<(epoch: Int, batches: EpochBatches)?>(nil)

  /// The batches of an epoch, made if they are not those of the last call.
  func batches(of epoch: Int, _ make: () -> EpochBatches) -> EpochBatches {
    kept.withLock { kept in
      if let kept, kept.epoch == epoch { return kept.batches }
      kept = nil
      let batches = make()
      kept = (epoch, batches)
      return batches
    }
  }
}

/// The batches of one epoch. Each is built when it is needed, on whatever thread.
public struct EpochBatches: RandomAccessCollection, Sendable {
  let examples: Examples
  /// Places among the examples, in the order of the epoch.
  let order: [Int32]
  let ranges: [Range<Int>]
  let dataset: SequenceDataset

  /// Always 0.
  public var startIndex: Int { 0 }

  /// The number of batches.
  public var endIndex: Int { ranges.count }

  /// Builds a batch.
  public subscript(index: Int) -> RaggedBatch { RaggedBatch(examples(of: index), of: dataset) }

  /// The examples of a batch.
  private func examples(of index: Int) -> [Example] {
    order[ranges[index]].map { examples[Int($0)] }
  }

  /// The examples of each part of a batch, without building it.
  func parts(of index: Int, ofAtMost limit: Int) -> [ArraySlice<Example>] {
    let examples = RaggedBatch.longestFirst(examples(of: index))
    let lengths = examples.map(\.inputs.count)
    if lengths.reduce(0, +) <= limit { return [examples[...]] }
    return BatchSize.events(limit).partition(lengths).map { examples[$0] }
  }

  /// The events of a batch, without building it.
  public func eventCount(of index: Int) -> Int {
    order[ranges[index]].reduce(0) { $0 + examples[Int($1)].inputs.count }
  }
}
