import ClseqBase

/// Which sequences are trained on where a log has been extended: those with new events, and a share of the
/// others against forgetting (Robins, Catastrophic forgetting, rehearsal and pseudorehearsal, 1995), drawn
/// anew for each epoch.
public struct Replay: Sendable {
  /// By example, the number among those without new events; -1 for one with some.
  private let others: [Int32]
  private let otherCount: Int
  /// How many of the others an epoch has.
  private let drawnCount: Int

  /// The examples with new events.
  public var newCount: Int { others.count - otherCount }
  /// The examples of an epoch.
  public var count: Int { newCount + drawnCount }

  /// - Parameters:
  ///   - examples: The examples.
  ///   - dataset: Their dataset.
  ///   - share: The share of examples without new events that an epoch has, from 0 to 1.
  ///   - targetsFollow: Whether the target of an event is the event after it.
  /// - Returns: Nil where the dataset does not say which events are new.
  public init?(
    _ examples: Examples, of dataset: SequenceDataset, share: Double, targetsFollow: Bool
  ) {
    precondition((0...1).contains(share), "Replay: a share of \(share)")
    guard let additions = dataset.events.additions else { return nil }
    var count: Int32 = 0
    others = examples.map { example in
      let last = example.inputs.upperBound + (targetsFollow ? 1 : 0)
      let end = min(last, Int(dataset.offsets[Int(example.sequence) + 1]))
      if (example.inputs.lowerBound..<end).contains(where: { additions[$0] }) { return -1 }
      count += 1
      return count - 1
    }
    otherCount = Int(count)
    drawnCount = Int((share * Double(count)).rounded())
  }

  /// Whether an epoch has an example, by its place.
  func drawn(seed: UInt64, epoch: Int) -> (Int32) -> Bool {
    var isDrawn = [Bool](repeating: false, count: otherCount)
    let order = CounterRandom(seed: seed, Self.purpose, UInt64(epoch))
      .permutation(count: otherCount)
    for other in order.prefix(drawnCount) { isDrawn[Int(other)] = true }
    return { [others] example in
      let other = others[Int(example)]
      return other < 0 || isDrawn[Int(other)]
    }
  }

  /// Names the stream of random numbers that draws sequences ("replay" in ASCII).
  private static let purpose: UInt64 = 0x7265_706c_6179
}
