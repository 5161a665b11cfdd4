import ClseqBase

/// Cuts sequences in two: a model reads the events before the cut and learns to write those after it.
///
/// Of a sequence s₀ … sₙ₋₁ with a cut before s_c the model sees s₀ … s_c₋₁, a start, and s_c … of which
/// nothing but the items is known, and their types where they are written too; the targets are s_c and the events
/// after it, at most so many.
///
/// Source: teacher forcing, Williams and Zipser, "A learning algorithm for continually running fully recurrent
/// neural networks" (Neural Computation 1989).
///
/// With a share s of guesses, in epoch e of E (from 0) each s_c … of the inputs is the model's own guess with the
/// probability s min(1, 2 (e + 1) / E). Source: Bengio et al., "Scheduled sampling for sequence prediction with
/// recurrent neural networks" (NeurIPS 2015), with a linear schedule.
public struct SequenceCuts: HiddenEvents {
  private let targetLength: Int
  private let start: Int32
  private let guessShare: Double
  private let epochs: Int
  private let seed: UInt64

  /// - Parameters:
  ///   - targetLength: The maximum number of events after the cut, at least 1.
  ///   - start: The row of the start.
  ///   - guessShare: The share of guesses s, of [0, 1].
  ///   - epochs: The number of epochs E, at least 1.
  ///   - seed: The seed.
  public init(
    targetLength: Int, start: Int32, guessShare: Double = 0, epochs: Int = 1, seed: UInt64
  ) {
    precondition(targetLength >= 1, "SequenceCuts: \(targetLength) events after a cut")
    (self.targetLength, self.start, self.seed) = (targetLength, start, seed)
    (self.guessShare, self.epochs) = (guessShare, max(1, epochs))
  }

  /// A batch of sequences cut at random places, all equally likely, with at least one event on each side.
  public func hidden(_ batch: RaggedBatch, epoch: Int) -> RaggedBatch {
    let cut = cut(batch) { sequence, count in
      let first = Int(batch.offsets[sequence])
      let draws = CounterRandom(
        seed: seed, Self.purpose, UInt64(epoch), UInt64(batch.sequences[first]),
        UInt64(batch.places[first]))
      return 1 + draws.integer(below: count - 1, 0)
    }
    guard guessShare > 0 else { return cut }
    let share = guessShare * min(1, 2 * Double(epoch + 1) / Double(epochs))
    return cut.guessing(
      { row in
        CounterRandom(
          seed: seed, Self.guesses, UInt64(epoch), UInt64(cut.sequences[row])
        ).uniform(UInt64(cut.places[row])) < share
      }, startingAt: start)
  }

  /// A batch cut where as many events as possible are left on both sides.
  public func mostHidden(_ batch: RaggedBatch) -> RaggedBatch {
    let cut = cut(batch) { max(1, $1 - targetLength) }
    return guessShare > 0 ? cut.guessing({ _ in true }, startingAt: start) : cut
  }

  /// - Parameter place: Where a sequence of two events or more is cut: how many are before the cut.
  private func cut(
    _ batch: RaggedBatch, at place: (_ sequence: Int, _ count: Int) -> Int
  ) -> RaggedBatch {
    let parts = batch.lengths.enumerated().map { sequence, count in
      let read = count < 2 ? 0 : place(sequence, count)
      return RaggedBatch.CutSequence(
        sequence: sequence, readCount: read, writtenCount: min(targetLength, count - read))
    }
    return batch.writing(parts, after: start)
  }

  /// Names the stream of random numbers ("cuts" in ASCII).
  private static let purpose: UInt64 = 0x63_7574_73
  /// That of guesses ("guesses").
  private static let guesses: UInt64 = 0x67_7565_7373_6573
}
