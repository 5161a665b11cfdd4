import ClseqBase

/// Chooses the events that a model which writes sequences back is not given before it writes the next one, so that it
/// relies on the code of the sequence.
///
/// Source: Bowman et al., "Generating sentences from a continuous space" (CoNLL 2016), section 3.1.
public struct WordDropout: Sendable {
  private let share: Double
  private let seed: UInt64

  /// - Parameters:
  ///   - share: The probability of each event, of [0, 1].
  ///   - seed: The seed.
  public init(share: Double, seed: UInt64) { (self.share, self.seed) = (share, seed) }

  /// A batch with such events. The choice follows from the seed, the epoch, the sequence and the place of an event, and
  /// from nothing else of the batch.
  ///
  /// - Parameters:
  ///   - batch: Whole sequences.
  ///   - epoch: From 0.
  public func applied(to batch: RaggedBatch, epoch: Int) -> RaggedBatch {
    guard share > 0 else { return batch }
    var batch = batch
    batch.isForgotten = batch.sequences.indices.map { event in
      CounterRandom(seed: seed, Self.purpose, UInt64(epoch), UInt64(batch.sequences[event]))
        .uniform(UInt64(batch.places[event])) < share
    }
    return batch
  }

  /// Names the stream of random numbers ("words" in ASCII).
  private static let purpose: UInt64 = 0x77_6F72_6473
}

extension RaggedBatch {
  /// The row of the item table that is given before each event is written, `[N]`: that of the event before.
  ///
  /// - Parameter start: The row that is given before the first event, and in place of one that is forgotten.
  package func itemsBefore(startingAt start: Int32) -> [Int32] {
    var rows = [Int32](repeating: start, count: eventCount)
    for (first, end) in zip(offsets, offsets.dropFirst()) where first < end {
      for event in Int(first)..<Int(end) - 1 where isForgotten.isEmpty || !isForgotten[event] {
        rows[event + 1] = items[event]
      }
    }
    return rows
  }

  /// The number in the batch of each event's sequence, `[N]`.
  package var sequenceNumbers: [Int32] {
    lengths.enumerated().flatMap { repeatElement(Int32($0), count: $1) }
  }

  /// Whether each event is the last of its sequence, `[N]`.
  package var isLast: [Bool] {
    var isLast = [Bool](repeating: false, count: eventCount)
    for (first, end) in zip(offsets, offsets.dropFirst()) where first < end {
      isLast[Int(end) - 1] = true
    }
    return isLast
  }
}
