import ClseqBase

/// Puts a second segment behind the first events of every sequence, and a summary in front. Half of the time the
/// second segment is what followed, otherwise it comes from another user: the state of the summary is to tell which.
///
/// Both kinds of second segments have lengths of the same distribution, so that a length tells nothing.
///
/// Source: Devlin et al., "BERT" (NAACL 2019), section 3.1, next sentence prediction.
public struct NextSequences: Sendable {
  /// How many users are drawn until one has a second segment that is long enough.
  static let candidateCount = 8

  private let examples: Examples
  private let dataset: SequenceDataset
  private let summary: Int32
  private let seed: UInt64

  /// - Parameters:
  ///   - examples: The sequences that second segments are taken from.
  ///   - dataset: The dataset.
  ///   - summary: The row of the summary.
  ///   - seed: The seed.
  public init(
    _ examples: Examples, of dataset: SequenceDataset, summary: Int32, seed: UInt64
  ) {
    (self.examples, self.dataset) = (examples, dataset)
    (self.summary, self.seed) = (summary, seed)
  }

  /// A batch of segments in place of its sequences. They follow from the seed, the epoch and the sequence, and from
  /// nothing else of the batch. A sequence of one event has no second segment.
  ///
  /// - Parameters:
  ///   - batch: Whole sequences.
  ///   - epoch: From 0.
  public func segments(of batch: RaggedBatch, epoch: Int) -> RaggedBatch {
    RaggedBatch(
      batch.stretches.map { segments(of: $0, epoch: epoch) }, of: dataset, summary: summary)
  }

  /// A batch at least as large as the segments of any epoch: for plans of memory.
  public func largestSegments(of batch: RaggedBatch) -> RaggedBatch {
    RaggedBatch(
      batch.stretches.map { stretch in
        SegmentPair(
          sequence: stretch.sequence, first: stretch.inputs.prefix(1),
          second: stretch.inputs.dropFirst())
      }, of: dataset, summary: summary)
  }

  private func segments(of stretch: Example, epoch: Int) -> SegmentPair {
    let places = stretch.inputs
    guard places.count > 1 else { return SegmentPair(sequence: stretch.sequence, first: places) }
    let draws = CounterRandom(
      seed: seed, Self.purpose, UInt64(epoch), UInt64(stretch.sequence), UInt64(places.lowerBound))
    let first = places.prefix(1 + draws.integer(below: places.count - 1, Counter.cut))
    let next = places[first.upperBound...]
    guard let other = other(than: stretch.sequence, count: next.count, draws) else {
      return SegmentPair(sequence: stretch.sequence, first: first, second: next)
    }
    let count = min(next.count, other.count)
    let isNext = draws.uniform(Counter.kind) < 0.5
    let skipped = draws.integer(below: other.count - count + 1, Counter.start)
    return SegmentPair(
      sequence: stretch.sequence, first: first,
      second: isNext ? next.prefix(count) : other.dropFirst(skipped).prefix(count))
  }

  /// The events after the first of another user: as many as wanted, where one of those drawn has so many. Nil
  /// where none has any.
  private func other(
    than sequence: Int32, count: Int, _ draws: CounterRandom
  ) -> Range<Int>? {
    var longest: Range<Int>?
    for number in 0..<UInt64(Self.candidateCount) {
      let example = examples[draws.integer(below: examples.count, Counter.other + number)]
      guard example.sequence != sequence, example.inputs.count > 1 else { continue }
      let places = example.inputs.dropFirst()
      if places.count >= count { return places }
      if places.count > longest?.count ?? 0 { longest = places }
    }
    return longest
  }

  /// Where the numbers of each purpose stand.
  private enum Counter {
    static let cut: UInt64 = 0
    static let kind: UInt64 = 1
    static let start: UInt64 = 2
    static let other: UInt64 = 3
  }

  /// Names the stream of random numbers ("segments" in ASCII).
  private static let purpose: UInt64 = 0x7365_676D_656E_7473
}
