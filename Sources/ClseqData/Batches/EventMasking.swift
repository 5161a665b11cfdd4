import ClseqBase
import Foundation

/// Chooses the events of a sequence that a model is to predict, and the items that it sees in their places.
///
/// Sources: Devlin et al., "BERT" (NAACL 2019), section 3.1; Sun et al., "BERT4Rec" (CIKM 2019); stretches
/// of geometric length as in Joshi et al., "SpanBERT" (TACL 2020), section 3.1.
public struct EventMasking: HiddenEvents {
  /// Longest stretch that is masked together.
  static let longestSpan = 10

  private let probability: Double
  private let random: Double
  private let kept: Double
  private let meanSpan: Double
  private let lastShare: Double
  private let mask: Int32
  private let itemCount: Int
  private let seed: UInt64

  /// - Parameters:
  ///   - probability: The share of a sequence's events to predict; at least one.
  ///   - random: Of these, the share with a random item in place of the mask.
  ///   - kept: Of these, the share with their own item.
  ///   - meanSpan: The mean number of neighbouring events that are chosen together, at least 1.
  ///   - lastShare: The share of sequences with the last event alone.
  ///   - mask: The row of the mask.
  ///   - itemCount: V.
  ///   - seed: The seed.
  public init(
    probability: Double, random: Double = 0, kept: Double = 0, meanSpan: Double = 1,
    lastShare: Double = 0, mask: Int32, itemCount: Int, seed: UInt64
  ) {
    precondition(
      probability >= 0 && random + kept <= 1 && meanSpan >= 1,
      "EventMasking: \(probability), \(random) and \(kept), spans of \(meanSpan)")
    (self.probability, self.random, self.kept) = (probability, random, kept)
    (self.meanSpan, self.lastShare) = (meanSpan, lastShare)
    (self.mask, self.itemCount, self.seed) = (mask, itemCount, seed)
  }

  /// A batch of whole sequences with some of their events hidden, which are its targets. The choice follows
  /// from the seed, the epoch, the sequence and the time of an event, and from nothing else of the batch.
  ///
  /// - Parameters:
  ///   - batch: whole sequences.
  ///   - epoch: from 0.
  public func hidden(_ batch: RaggedBatch, epoch: Int) -> RaggedBatch {
    var items = batch.items
    var rows: [Int32] = []
    for sequence in batch.sequenceRows where !sequence.isEmpty {
      // A summary is no event.
      let events = sequence.dropFirst(batch.isSummary(sequence.lowerBound) ? 1 : 0)
      let draws = CounterRandom(
        seed: seed, Self.purpose, UInt64(epoch), UInt64(batch.sequences[events.lowerBound]),
        UInt64(batch.places[events.lowerBound]))
      for time in times(events.count, draws) {
        let row = events.lowerBound + time
        rows.append(Int32(row))
        items[row] = item(inPlaceOf: items[row], time, draws)
      }
    }
    return batch.predicting(rows, from: items)
  }

  /// A batch with at least as many targets as any choice of events in as many sequences: for plans of memory.
  public func mostHidden(_ batch: RaggedBatch) -> RaggedBatch {
    let most = Int((probability * Double(batch.eventCount)).rounded(.up)) + batch.sequenceCount
    return batch.predicting(
      Array(0..<Int32(min(batch.eventCount, most))), from: batch.items)
  }

  /// The times of a sequence's events to predict, ascending.
  private func times(_ count: Int, _ draws: CounterRandom) -> [Int] {
    if draws.uniform(Counter.last) < lastShare { return [count - 1] }
    let wanted = max(1, min(count, Int((probability * Double(count)).rounded())))
    var isChosen = [Bool](repeating: false, count: count)
    var rest = wanted
    let keys = (0..<count).map { draws.bits(Counter.order + UInt64($0)) }
    for start in (0..<count).sorted(by: { (keys[$0], $0) < (keys[$1], $1) }) {
      if rest == 0 { break }
      let span = spanLength(draws.uniform(Counter.span + UInt64(start)))
      for time in start..<min(count, start + span) where !isChosen[time] && rest > 0 {
        isChosen[time] = true
        rest -= 1
      }
    }
    return isChosen.indices.filter { isChosen[$0] }
  }

  /// A geometric number of the wanted mean, cut.
  private func spanLength(_ uniform: Double) -> Int {
    if meanSpan == 1 { return 1 }
    let length = 1 + log(1 - uniform) / log(1 - 1 / meanSpan)
    return Int(min(length, Double(Self.longestSpan)))
  }

  private func item(inPlaceOf own: Int32, _ time: Int, _ draws: CounterRandom) -> Int32 {
    let place = draws.uniform(Counter.kind + UInt64(time))
    if place < random {
      return Int32(draws.integer(below: itemCount, Counter.item + UInt64(time))) + 1
    }
    return place < random + kept ? own : mask
  }

  /// Where the numbers of each purpose begin; a sequence has fewer than 2³² events.
  private enum Counter {
    static let last: UInt64 = 0
    static let order: UInt64 = 1 << 32
    static let span: UInt64 = 2 << 32
    static let kind: UInt64 = 3 << 32
    static let item: UInt64 = 4 << 32
  }

  /// Names the stream of random numbers ("masks" in ASCII).
  private static let purpose: UInt64 = 0x6D_6173_6B73
}
