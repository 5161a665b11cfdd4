import ClseqBase
import Foundation

/// Draws k negatives for each event of a training batch, independently: one may come twice, but none
/// is the event's target.
///
/// The negatives of an event follow from seed, epoch, the index of its sequence in the dataset and its
/// time, so the batch that an event falls into changes nothing.
public struct EventNegatives: Sendable {
  /// k, the negatives of an event.
  public let count: Int
  /// Whether no item of an event's sequence, as the batch has it, is drawn for it.
  public let avoidsSequence: Bool
  private let distribution: ItemDistribution
  private let seed: UInt64

  /// - Parameters:
  ///   - count: k, at least 1.
  ///   - distribution: how likely an item is to be drawn.
  ///   - avoidsSequence: as in SASRec (Kang and McAuley, 2018), leaves out every item of the sequence
  ///     (its inputs and targets in the batch) and not the event's target alone. A sequence that holds
  ///     the whole catalogue leaves out the target alone.
  ///   - seed: the seed of the run.
  public init(
    count: Int, from distribution: ItemDistribution, avoidsSequence: Bool = false, seed: UInt64
  ) {
    precondition(count >= 1, "EventNegatives: \(count) negatives: at least 1")
    self.count = count
    self.distribution = distribution
    self.avoidsSequence = avoidsSequence
    self.seed = seed
  }

  /// The negatives `[N · k]`, those of one event together. A catalogue of one item gives that item.
  ///
  /// - Parameters:
  ///   - batch: N events.
  ///   - epoch: from 0.
  public func items(for batch: RaggedBatch, epoch: Int) -> [Int32] {
    var items: [Int32] = []
    items.reserveCapacity(batch.eventCount * count)
    var marks = SequenceMarks(itemCount: avoidsSequence ? distribution.itemCount : 0)
    for (start, end) in zip(batch.offsets, batch.offsets.dropFirst()) {
      let events = Int(start)..<Int(end)
      if events.isEmpty { continue }
      if avoidsSequence {
        marks.begin()
        for event in events {
          marks.add(batch.items[event])
          marks.add(batch.targets[event])
        }
      }
      let avoids = avoidsSequence && marks.itemCount < distribution.itemCount
      let random = CounterRandom(
        seed: seed, Self.purpose, UInt64(epoch), UInt64(batch.sequences[events.lowerBound]))
      for event in events {
        let target = batch.targets[event]
        var counter = UInt64(batch.times[event]) << 32  // 2³² counters an event
        for _ in 0..<count {
          var item: Int32
          repeat {
            item = distribution.draw(random, counter)
            counter += 1
          } while (item == target || avoids && marks.contains(item)) && distribution.itemCount > 1
          items.append(item)
        }
      }
    }
    return items
  }

  /// Logarithms of how often an event's draw is expected to hold these items, `log(k q)`, for a
  /// sampled softmax.
  ///
  /// - Parameter items: 1…V.
  public func logExpectedCounts(of items: some Collection<Int32>) -> [Float] {
    items.map { Float(log(Double(count) * distribution.probability(of: $0))) }
  }

  /// Names the stream of random numbers ("events" in ASCII).
  private static let purpose: UInt64 = 0x6576_656E_7473
}

/// Which items a sequence holds; beginning the next one takes no time.
private struct SequenceMarks {
  /// The last sequence that held each item.
  private var owners: [Int32]
  private var sequence: Int32 = 0
  /// Different items of the sequence.
  private(set) var itemCount = 0

  init(itemCount: Int) {
    owners = [Int32](repeating: 0, count: itemCount + 1)
  }

  mutating func begin() {
    sequence += 1
    itemCount = 0
  }

  /// Items above the catalogue are never drawn and not marked.
  mutating func add(_ item: Int32) {
    guard owners.indices.contains(Int(item)), owners[Int(item)] != sequence else { return }
    owners[Int(item)] = sequence
    itemCount += item > 0 ? 1 : 0
  }

  func contains(_ item: Int32) -> Bool { owners[Int(item)] == sequence }
}
