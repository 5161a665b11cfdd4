import ClseqBase

/// Draws two stretches of every sequence, which a model is to tell from those of other users.
///
/// Source: Babaev et al., "CoLES: contrastive learning for event sequences with self-supervision" (SIGMOD
/// 2022), section 3.2: random slices of random lengths, which may overlap.
public struct SequenceSlices: Sendable {
  private let shortest: Double
  private let seed: UInt64

  /// - Parameters:
  ///   - shortest: The least share of a sequence in a slice, at most 1.
  ///   - seed: The seed.
  public init(shortest: Double, seed: UInt64) {
    precondition(shortest >= 0 && shortest <= 1, "SequenceSlices: \(shortest) of a sequence")
    (self.shortest, self.seed) = (shortest, seed)
  }

  /// A batch with two slices of each sequence in its place, longest first. They follow from the seed, the epoch
  /// and the sequence.
  ///
  /// - Parameters:
  ///   - batch: whole sequences.
  ///   - epoch: from 0.
  public func slices(of batch: RaggedBatch, epoch: Int) -> RaggedBatch {
    batch.stretches(
      batch.sequenceRows.filter { !$0.isEmpty }.flatMap { rows in
        let draws = CounterRandom(
          seed: seed, Self.purpose, UInt64(epoch), UInt64(batch.sequences[rows.lowerBound]),
          UInt64(batch.places[rows.lowerBound]))
        return (0..<UInt64(2)).map { slice in
          let least = max(1, Int((shortest * Double(rows.count)).rounded(.up)))
          let length = least + draws.integer(below: rows.count - least + 1, 2 * slice)
          let start = rows.lowerBound + draws.integer(below: rows.count - length + 1, 2 * slice + 1)
          return start..<start + length
        }
      })
  }

  /// A batch at least as large as the slices of any epoch: for plans of memory.
  public func largestSlices(of batch: RaggedBatch) -> RaggedBatch {
    batch.stretches(batch.sequenceRows.flatMap { [$0, $0] })
  }

  /// Names the stream of random numbers ("slices" in ASCII).
  private static let purpose: UInt64 = 0x73_6C69_6365_73
}

extension RaggedBatch {
  /// [B] The events of each sequence, by row.
  var sequenceRows: [Range<Int>] {
    zip(offsets, offsets.dropFirst()).map { Int($0)..<Int($1) }
  }

  /// Pairs of sequences that are of one user: the rows of their last events.
  public var slicePairs: [(first: Int32, second: Int32)] {
    var found: [Int32: Int32] = [:]
    var pairs: [(Int32, Int32)] = []
    for rows in sequenceRows where !rows.isEmpty {
      let last = Int32(rows.upperBound - 1)
      if let first = found.updateValue(last, forKey: sequences[rows.lowerBound]) {
        pairs.append((first, last))
      }
    }
    return pairs
  }
}
